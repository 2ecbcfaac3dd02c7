import { join } from 'node:path';
import { type HomePlace, isElsewhere, stagingDirOf } from '../disk/home-place.ts';

/** The directory of the root in which deleted files are kept, one below it per account. */
export const TRASH_DIRECTORY = '.myftp-trash';

/** Its name in the staging directory of a home that is elsewhere: on the file system of the home, and hidden. */
const TRASH_ELSEWHERE = 'trash';

/** The directory with the trashes of accounts: in the root, or in a home that is elsewhere. */
export function trashDirOf(rootDir: string, home: string): string {
  if (isElsewhere(home)) return join(stagingDirOf(rootDir, home), TRASH_ELSEWHERE);
  return join(rootDir, TRASH_DIRECTORY);
}

/** The account's own trash, on the file system of its home. */
export function trashPathOf(rootDir: string, { id, home }: HomePlace): string {
  return join(trashDirOf(rootDir, home), String(id));
}
