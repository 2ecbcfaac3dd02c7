import fs, { type Stats } from 'node:fs';
import { defaultAcl } from '../disk/default-acl.ts';
import { changeModeByPath } from '../disk/disk.ts';
import {
  changeMode,
  giveTo,
  giveToIfPossible,
  inheritedGroup,
  type OwnerIds,
} from '../disk/ownership.ts';
import { accessAclOf, inheritedAcl, setAccessAcl } from '../system/posix-acl.ts';
import type { UploadOptions } from './upload-options.ts';

const PERMISSIONS = 0o777;

/** As open(2) is called for files by programs that write in place. */
const NEW_FILE_MODE = 0o666;

/** The server itself writes, reads and resumes uploads. */
const UPLOAD_RIGHTS = 0o600;

/**
 * Gives a new staging file its mode: that of the file which it is to replace, or that of the account's rules. Decided
 * when the upload begins; SITE CHMOD may change it once the upload has become a partial.
 */
export function giveMode(options: UploadOptions, descriptor: number): void {
  const { target, rules, space } = options;
  const hasAcl = giveAcl(options, descriptor);
  const mode = target.replaced?.mode ?? rules.fileMode;
  if (mode === undefined) return;
  const wanted = (mode & PERMISSIONS) | UPLOAD_RIGHTS;
  const present = hasAcl ? fs.fstatSync(descriptor) : space.staging.attributes(descriptor);
  if (!isSameMode(wanted, present.mode)) changeMode(descriptor, wanted);
}

/**
 * Gives a new staging file what one that is made in a directory with a default ACL would have: the ACL of the file that it
 * is to replace, or else the one that the directory gives.
 *
 * @returns whether there is one.
 */
function giveAcl({ target, space }: UploadOptions, descriptor: number): boolean {
  const given = defaultAcl(target.directory);
  if (given === undefined) return false;
  const acl =
    target.replaced === undefined
      ? inheritedAcl(given, { mode: NEW_FILE_MODE, ownerRights: UPLOAD_RIGHTS >> 6 })
      : accessAclOf(target.entryPath);
  if (acl === undefined) return false;
  // Those of staging files without an ACL are remembered.
  space.staging.attributes(descriptor);
  setAccessAcl(descriptor, acl);
  return true;
}

/**
 * Gives a complete staging file its owner: that of the account's rules, or else, if the server may, that of the file
 * which it replaces or the group of a setgid directory.
 *
 * @throws FileUnavailableError if the owner of the rules cannot be set.
 */
export function giveOwner(options: UploadOptions, descriptor: number): void {
  const { rules, base, space } = options;
  const wanted = ownerFor(options);
  if (wanted === undefined) return;
  const present =
    base.kind === 'partial' ? fs.fstatSync(descriptor) : space.staging.attributes(descriptor);
  if (isSameOwner(wanted, present)) return;
  if (rules.owner === undefined) giveToIfPossible(descriptor, wanted);
  else giveTo(descriptor, wanted);
}

function ownerFor({ rules: { owner }, target }: UploadOptions): OwnerIds | undefined {
  const { replaced } = target;
  if (owner === undefined && replaced !== undefined) return replaced;
  const group = inheritedGroup(target.directory);
  if (owner !== undefined)
    return { uid: owner.uid, gid: group ?? owner.gid ?? replaced?.gid ?? -1 };
  return group === undefined ? undefined : { uid: -1, gid: group };
}

/**
 * Gives a staging file the mode of the file that it replaces, where that differs from the one that it was given: the file
 * has been created or changed while the upload ran, or takes rights from its owner that an upload needs.
 */
export async function followMode(
  { target: { replaced: before } }: UploadOptions,
  diskPath: string,
  { mode }: Stats,
): Promise<void> {
  const isKept = before !== undefined && isSameMode(before.mode, mode);
  if (isKept && (mode & UPLOAD_RIGHTS) === UPLOAD_RIGHTS) return;
  await changeModeByPath(diskPath, mode & PERMISSIONS);
}

function isSameMode(one: number, other: number): boolean {
  return ((one ^ other) & PERMISSIONS) === 0;
}

function isSameOwner(wanted: OwnerIds, present: OwnerIds): boolean {
  const { uid, gid } = wanted;
  return (uid === -1 || uid === present.uid) && (gid === -1 || gid === present.gid);
}
