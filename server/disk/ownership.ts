import fs, { type Stats } from 'node:fs';
import { FileUnavailableError } from '../errors/errors.ts';
import type { Owner } from './creation-rules.ts';
import { errnoOf } from './disk-errors.ts';
import type { HeldDirectory } from './jail.ts';
import { canGiveTo, type ProcessRights, rightsOfProcess } from './process-rights.ts';

/** User and group as chown(2) takes them: -1 leaves one as it is. */
export interface OwnerIds {
  readonly uid: number;
  readonly gid: number;
}

/** Mode and owner of a file. */
export interface Attributes extends OwnerIds {
  readonly mode: number;
}

const SETGID = 0o2000;

/** Errors of file systems that store no modes or owners, and of ids that a user namespace does not have. */
const IMPOSSIBLE: ReadonlySet<string> = new Set(['EPERM', 'EINVAL', 'ENOSYS', 'ENOTSUP']);

let rights: ProcessRights | undefined;

/** Whether this process may give files to a user and go on using them. */
export function mayGiveTo(owner: Owner): boolean {
  rights ??= rightsOfProcess('self');
  return canGiveTo(rights, owner);
}

/** @throws FileUnavailableError if what the account creates could not be given to its owner. */
export function requireOwner(owner: Owner | undefined): void {
  if (owner !== undefined && !mayGiveTo(owner)) throw ownerRefused();
}

/** Gives an open file or directory to a user. @throws FileUnavailableError */
export function giveTo(descriptor: number, { uid, gid }: OwnerIds): void {
  try {
    fs.fchownSync(descriptor, uid, gid);
  } catch (error) {
    throw IMPOSSIBLE.has(errnoOf(error)) ? ownerRefused() : error;
  }
}

/** The same as far as the server may; its own groups are possible without further rights. */
export function giveToIfPossible(descriptor: number, { uid, gid }: OwnerIds): void {
  ifPossible(() => fs.fchownSync(descriptor, uid, gid)) ||
    ifPossible(() => fs.fchownSync(descriptor, -1, gid));
}

/**
 * Sets the mode of an open file or directory exactly, if the file system stores modes. The setgid bit is left out where
 * the process may not set it, as with RestrictSUIDSGID of systemd.
 */
export function changeMode(descriptor: number, mode: number): void {
  if (ifPossible(() => fs.fchmodSync(descriptor, mode)) || (mode & SETGID) === 0) return;
  ifPossible(() => fs.fchmodSync(descriptor, mode & ~SETGID));
}

function ifPossible(change: () => void): boolean {
  try {
    change();
    return true;
  } catch (error) {
    if (!IMPOSSIBLE.has(errnoOf(error))) throw error;
    return false;
  }
}

function ownerRefused(): FileUnavailableError {
  return new FileUnavailableError(
    'The server may not give files to the owner that is set for this account; ask its administrator.',
  );
}

const groups = new WeakMap<HeldDirectory, { readonly gid: number | undefined }>();

/** Group that a held directory gives to what is created in it, by its setgid bit; undefined without one. */
export function inheritedGroup(directory: HeldDirectory): number | undefined {
  const known = groups.get(directory) ?? { gid: groupFrom(fs.fstatSync(directory.descriptor)) };
  groups.set(directory, known);
  return known.gid;
}

/** The same from the facts of a directory. */
export function groupFrom({ mode, gid }: Stats): number | undefined {
  return (mode & SETGID) === 0 ? undefined : gid;
}
