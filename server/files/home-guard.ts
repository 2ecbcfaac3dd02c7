import { statSync } from 'node:fs';
import { isSameFile } from '../disk/same-file.ts';
import { FileUnavailableError } from '../errors/errors.ts';

/** Finds out that a file system was unmounted, or another one mounted, under a session. */
export function homeGuard(home: string, refusal: string): () => void {
  const before = statSync(home);
  return () => {
    const now = statSync(home, { throwIfNoEntry: false });
    if (now !== undefined && isSameFile(now, before)) return;
    throw new FileUnavailableError(refusal);
  };
}
