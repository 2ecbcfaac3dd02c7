import { readdirSync, renameSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
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
 * A start waits for the burial in each account that had uploads since the start before, where there is nothing to move
 * after a stop in order. So it makes its calls at once, without a thread for each.
 *
 * @param burial.name of the member's directory.
 * @param burial.heirId the member that gets the empty directory: to remove and make one costs a disk ten times as much.
 * @returns the names of the files that were moved.
 */
export function buryMember(
  stagingPath: string,
  { name, heirId }: { readonly name: string; readonly heirId: string },
): readonly string[] {
  const deadPath = join(stagingPath, `${DEAD_PREFIX}${memberOf(name)}`);
  if (!name.startsWith(DEAD_PREFIX)) renameSync(join(stagingPath, name), deadPath);
  const staged = readdirSync(deadPath);
  for (const file of staged) renameSync(join(deadPath, file), join(stagingPath, file));
  handDown(deadPath, memberPathIn(stagingPath, heirId));
  return staged;
}

function handDown(emptyPath: string, heirPath: string): void {
  try {
    renameSync(emptyPath, heirPath);
  } catch (error) {
    // The heir has uploads of its own there.
    if (errnoOf(error) !== 'ENOTEMPTY') throw error;
    rmdirSync(emptyPath);
  }
}
