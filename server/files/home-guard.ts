import { statSync } from 'node:fs';
import { isSameFile } from '../disk/same-file.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';
import { FileUnavailableError } from '../errors/errors.ts';

/**
 * Finds out that a file system was unmounted, or another one mounted, under a session.
 *
 * @param sharedDirectory is set if the session is of another account.
 */
export function homeGuard(home: string, sharedDirectory?: VirtualPath): () => void {
  const before = statSync(home);
  return () => {
    const now = statSync(home, { throwIfNoEntry: false });
    if (now !== undefined && isSameFile(now, before)) return;
    const what = sharedDirectory === undefined ? 'home directory of this account' : 'shared folder';
    throw new FileUnavailableError(`The ${what} is not available.`);
  };
}
