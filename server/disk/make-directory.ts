import { closeSync, constants, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import path from 'node:path';
import { inheritOwner } from '../../db/inherit-owner.ts';

const OWNER_AND_GROUP = 0o750;

/**
 * Makes a directory and those above it that are missing, for the owner and the group. Root makes them for the
 * owner of the directory that they are in.
 *
 * Node's own `recursive` never returns where a directory exists and takes no entries, as in /proc.
 *
 * @returns the directories that were missing, the outermost first.
 * @throws the system's error.
 */
export function makeDirectory(directory: string): readonly string[] {
  try {
    mkdirSync(directory, OWNER_AND_GROUP);
    giveToOwnerAbove(directory);
    return [directory];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && statSync(directory).isDirectory()) return [];
    const parent = path.dirname(directory);
    if (code !== 'ENOENT' || existsSync(parent)) throw error;
    return [...makeDirectory(parent), ...makeDirectory(directory)];
  }
}

/** Gives a directory that root has just made to the owner of the one that it is in. */
export function giveToOwnerAbove(directory: string): void {
  const descriptor = openSync(directory, constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    inheritOwner(descriptor, directory);
  } finally {
    closeSync(descriptor);
  }
}
