import fs, { constants } from 'node:fs';
import { dirname } from 'node:path';
import type { CreationRules } from '../disk/creation-rules.ts';
import { closeQuietly, makeDirectory, removeDirectory, rename } from '../disk/disk.ts';
import { errnoOf } from '../disk/disk-errors.ts';
import {
  changeMode,
  giveTo,
  giveToIfPossible,
  groupFrom,
  requireOwner,
} from '../disk/ownership.ts';
import { defaultAclOf, inheritedAcl, setAccessAcl, setDefaultAcl } from '../system/posix-acl.ts';
import type { WritableSpace } from './writable-space.ts';

const PERMISSIONS = 0o7777;
const SETGID = 0o2000;

/** As mkdir(2) is called. */
const NEW_DIRECTORY_MODE = 0o777;

/** Suffix of a directory in the staging area that has no name yet. */
const SUFFIX = '.directory';

/**
 * Makes a directory with the mode and owner of the rules. It is made in the staging area and then renamed, so that
 * no other program sees it before it has them. Nothing may have the name.
 *
 * @param entry path through its directory, which is held.
 * @throws FileUnavailableError if it cannot be given to the owner of the rules.
 */
export async function makeNewDirectory(
  entry: string,
  space: WritableSpace,
  rules: CreationRules,
): Promise<void> {
  if (rules.directoryMode === undefined && rules.owner === undefined) {
    await makeDirectory(entry);
    return;
  }
  requireOwner(rules.owner);
  const staged = `${(await space.staging.newFile()).diskPath}${SUFFIX}`;
  await makeAt(staged, entry, rules);
  try {
    await rename(staged, entry, 0);
  } catch (error) {
    await removeDirectory(staged);
    if (errnoOf(error) !== 'EXDEV') throw error;
    await makeAt(entry, entry, rules);
  }
}

export function isStagedDirectory(stagedPath: string): boolean {
  return stagedPath.endsWith(SUFFIX);
}

/** @param entry the name that it is for: it takes the setgid bit and the group of the directory there. */
async function makeAt(directory: string, entry: string, rules: CreationRules): Promise<void> {
  await makeDirectory(directory);
  const descriptor = fs.openSync(directory, constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    giveAcls(descriptor, dirname(entry));
    const { mode } = fs.fstatSync(descriptor);
    const group = groupFrom(fs.statSync(dirname(entry)));
    const { directoryMode = mode & PERMISSIONS, owner } = rules;
    const uid = owner?.uid ?? -1;
    const gid = group ?? owner?.gid ?? -1;
    if (owner !== undefined) giveTo(descriptor, { uid, gid });
    else if (group !== undefined) giveToIfPossible(descriptor, { uid, gid });
    changeMode(descriptor, group === undefined ? directoryMode : directoryMode | SETGID);
  } catch (error) {
    await removeDirectory(directory);
    throw error;
  } finally {
    closeQuietly(descriptor);
  }
}

/** Gives a directory what the one that it is for gives to new directories in it. */
function giveAcls(descriptor: number, above: string): void {
  const given = defaultAclOf(above);
  if (given === undefined) return;
  setAccessAcl(descriptor, inheritedAcl(given, { mode: NEW_DIRECTORY_MODE }));
  setDefaultAcl(descriptor, given);
}
