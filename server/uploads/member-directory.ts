import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { removeDirectory, rename } from '../disk/disk.ts';
import { errnoOf } from '../disk/disk-errors.ts';

/** Prefix of the directory, in an account's staging directory, of a member's running uploads. The member's id follows. */
const PREFIX = 'member-';

/** Prefix of the same directory once its member is dead. */
const DEAD_PREFIX = 'dead-';

/** The directory in which a member stages the running uploads of an account. */
export function memberPathIn(stagingPath: string, memberId: string): string {
  return join(stagingPath, `${PREFIX}${memberId}`);
}

/** The member that a name in a staging directory belongs to; undefined for a file. */
export function memberOf(name: string): string | undefined {
  const prefix = [PREFIX, DEAD_PREFIX].find((start) => name.startsWith(start));
  return prefix === undefined ? undefined : name.slice(prefix.length);
}

/**
 * Moves the uploads of a dead member to the account's staging directory. Its own directory is renamed first, in one step:
 * a process that only slept finds none of its uploads again, and cannot publish them. What an earlier burial has not
 * completed is done by the next one.
 *
 * @param name of the member's directory.
 * @returns the names of the files that were moved.
 */
export async function buryMember(stagingPath: string, name: string): Promise<readonly string[]> {
  const path = join(stagingPath, name);
  if (await isRemoved(path)) return [];
  const deadPath = join(stagingPath, `${DEAD_PREFIX}${memberOf(name)}`);
  if (path !== deadPath) await rename(path, deadPath, 0);
  const staged = await readdir(deadPath);
  for (const file of staged) await rename(join(deadPath, file), join(stagingPath, file), 0);
  await removeDirectory(deadPath);
  return staged;
}

/** Removes an empty directory, which is what a server that has stopped in order leaves. */
async function isRemoved(path: string): Promise<boolean> {
  try {
    await removeDirectory(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOTEMPTY') return false;
    throw error;
  }
}
