import { fchownSync, fstatSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * Gives files that root has created to the owner of their directory, who could not use them otherwise. Other users own
 * what they create. Works by descriptor, so that the file cannot be replaced during the call.
 */
export function inheritOwner(descriptor: number, pathname: string): void {
  if (process.geteuid?.() !== 0) return;
  const { uid, gid } = statSync(path.dirname(pathname));
  const made = fstatSync(descriptor);
  if (uid === 0 || made.uid !== 0 || (made.isFile() && made.nlink !== 1)) return;
  fchownSync(descriptor, uid, gid);
}
