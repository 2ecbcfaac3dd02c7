import { ignoreMissing, link, lstat, removeFile, rename, unlink } from '../disk/disk.ts';
import { errnoOf } from '../disk/disk-errors.ts';
import { isUnlimited } from '../quota/unlimited.ts';
import { appendFile } from './append-file.ts';
import { spareName } from './spare-name.ts';
import type { StagingFile } from './staging-file.ts';
import type { UploadOptions } from './upload-options.ts';

/** Bytes that are freed by removing one of two names. */
const NO_BYTES = 0;

/**
 * Puts a complete staging file in place under its name. Call it with `nameLock` held.
 *
 * @returns the octets of the file before those of the staging file: 0 unless it was appended to.
 * @throws UploadMismatchError if it had to be appended to a content that has changed.
 */
export async function putInPlace(upload: UploadOptions, staging: StagingFile): Promise<number> {
  const { storage, space, target, kind, base } = upload;
  if (!storage.jail.isInside(target.directory)) {
    throw Object.assign(new Error('directory left the jail'), { code: 'ENOENT' });
  }
  const { entryPath } = target;
  if (kind === 'append to this') await target.requireUnchanged();
  if (upload.policy.ifTaken !== 'rename') await takeClaims(upload, staging);
  // No session may find it under its staging name when that is gone.
  if (base.kind === 'partial') space.partials.hide(staging.id);
  let prefixBytes: number | undefined;
  if (kind === 'new') {
    await upload.entry.take();
    await link(staging.diskPath, entryPath);
    upload.entry.use();
    await removeFile(staging.diskPath, NO_BYTES);
  } else {
    prefixBytes = await append(upload, staging, entryPath);
    if (prefixBytes === undefined) await place(upload, staging, entryPath);
  }
  storage.nameVersion += 1;
  if (staging.persisting !== undefined || base.kind === 'partial') await staging.dropRow();
  return prefixBytes ?? 0;
}

/** Before the change, so that a crash in between shows no older upload under the new content. */
async function takeClaims({ space, target }: UploadOptions, { id }: StagingFile): Promise<void> {
  if (space.mayHaveClaims(target.name, id)) await space.loseName(target.path, id);
}

async function place(
  upload: UploadOptions,
  staging: StagingFile,
  entryPath: string,
): Promise<void> {
  const { ifTaken, requireRight } = upload.policy;
  if (ifTaken === 'replace') return replace(upload, staging, entryPath);
  await upload.entry.take();
  // link(2) replaces nothing, whatever another client does at this moment.
  const isFree = await linkIfFree(staging.diskPath, entryPath);
  if (!isFree && ifTaken === 'refuse') requireRight('overwrite');
  if (!isFree) {
    upload.target.rename(spareName(upload.target.name));
    await linkIfFree(staging.diskPath, upload.target.entryPath);
  }
  upload.entry.use();
  await removeFile(staging.diskPath, NO_BYTES).catch(ignoreMissing);
}

async function linkIfFree(fromPath: string, toPath: string): Promise<boolean> {
  try {
    await link(fromPath, toPath);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    // Some file systems have no links; other clients of the account wait for `nameLock`.
    if (errnoOf(error) !== 'EPERM') throw error;
    if ((await lstat(toPath)) !== undefined) return false;
    await rename(fromPath, toPath, 0);
    return true;
  }
}

async function replace(
  { storage, target, entry }: UploadOptions,
  staging: StagingFile,
  entryPath: string,
): Promise<void> {
  const replaced = target.isStillUnused ? undefined : await lstat(entryPath);
  const replacedBytes = replaced?.isFile() === true ? replaced.size : 0;
  // The previous file may have been deleted.
  if (replaced === undefined) await entry.take();
  await rename(staging.diskPath, entryPath, replacedBytes);
  if (replaced === undefined) entry.use();
  storage.refund(replacedBytes);
}

/** @returns the previous size of the file; undefined if the upload is not to be added to a file, or there is none. */
async function append(
  upload: UploadOptions,
  staging: StagingFile,
  entryPath: string,
): Promise<number | undefined> {
  const { storage, space, target, kind, base, policy } = upload;
  const isAppend = kind === 'append' && base.kind !== 'partial' && policy.appends;
  if (!isAppend || target.isStillUnused) return undefined;
  await requireSize(upload, staging, entryPath);
  // A crash after the append must not leave its octets twice.
  if (staging.persisting !== undefined) await staging.dropRow();
  const previousBytes = await appendFile({
    target: entryPath,
    targetPath: `${storage.jail.rootPath}${target.path}`,
    stagedPath: staging.diskPath,
    durability: space.durability,
    onInPlace: () => space.beginAppending(),
  });
  if (previousBytes !== undefined) await unlink(staging.diskPath);
  return previousBytes;
}

/**
 * Others may have appended to the file since the upload began. Where the client must not find out how large the file is, the
 * limit is for what it adds.
 *
 * @throws FileTooLargeError
 */
async function requireSize(
  { access, policy }: UploadOptions,
  { positionBytes }: StagingFile,
  entryPath: string,
): Promise<void> {
  if (isUnlimited(access.maxUploadBytes) || policy.isBlind) return;
  const stats = await lstat(entryPath);
  access.requireUploadSize((stats?.size ?? 0) + positionBytes);
}
