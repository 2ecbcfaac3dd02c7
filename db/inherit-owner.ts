import { fchownSync, fstatSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * Gives what root has made to the owner of the directory that it is in, who could not use it otherwise. Other
 * users own what they make. By descriptor, so that nothing can be put in its place meanwhile.
 */
export function inheritOwner(descriptor: number, pathname: string): void {
  if (process.geteuid?.() !== 0) return;
  const { uid, gid } = statSync(path.dirname(pathname));
  const made = fstatSync(descriptor);
  if (uid === 0 || made.uid !== 0 || (made.isFile() && made.nlink !== 1)) return;
  fchownSync(descriptor, uid, gid);
}
