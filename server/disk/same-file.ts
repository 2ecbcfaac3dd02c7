import type { Stats } from 'node:fs';

/** Whether two facts are of one file or directory, under whatever names. */
export function isSameFile(
  one: Pick<Stats, 'dev' | 'ino'>,
  other: Pick<Stats, 'dev' | 'ino'>,
): boolean {
  return one.ino === other.ino && one.dev === other.dev;
}
