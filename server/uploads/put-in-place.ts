import { lstat, lstatExisting, rename, unlink } from '../disk/disk.ts';
import { isUnlimited } from '../quota/unlimited.ts';
import { replaceOrKeep } from '../trash/into-trash.ts';
import { appendFile } from './append-file.ts';
import { spareName } from './spare-name.ts';
import { followMode } from './staging-attributes.ts';
import type { StagingFile } from './staging-file.ts';
import type { UploadOptions } from './upload-options.ts';

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
  const prefixBytes = await append(upload, staging, entryPath);
  if (prefixBytes === undefined) await place(upload, staging, entryPath);
  storage.nameLock.version += 1;
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
  const { target, entry, policy, kind } = upload;
  if (kind === 'new' || policy.ifTaken === 'replace') return replace(upload, staging, entryPath);
  await entry.take();
  if ((await lstat(entryPath)) !== undefined) {
    if (policy.ifTaken === 'refuse') policy.requireRight('overwrite');
    target.rename(spareName(target.name));
    if ((await lstat(target.entryPath)) !== undefined) throw nameTaken();
  }
  await rename(staging.diskPath, target.entryPath, 0);
  entry.use();
}

async function replace(
  upload: UploadOptions,
  staging: StagingFile,
  entryPath: string,
): Promise<void> {
  const { storage, space, target, entry, kind } = upload;
  const replaced = target.isStillUnused && kind !== 'new' ? undefined : await lstat(entryPath);
  if (replaced === undefined) {
    // The previous file may have been deleted.
    await entry.take();
    await rename(staging.diskPath, entryPath, 0);
    entry.use();
    return;
  }
  if (kind === 'new') throw nameTaken();
  if (replaced.isFile()) await followMode(upload, staging.diskPath, replaced);
  const name = { path: target.path, entry: entryPath, stats: replaced };
  const putThere = () => rename(staging.diskPath, entryPath, replaced.size);
  storage.refund(await replaceOrKeep(space.trash, name, putThere));
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
  if (staging.persisting !== undefined) await dropOwnRow(staging);
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

/** @throws ENOENT if its file is gone: then the row is for the process that has buried this one. */
async function dropOwnRow(staging: StagingFile): Promise<void> {
  await lstatExisting(staging.diskPath);
  await staging.dropRow();
}

function nameTaken(): NodeJS.ErrnoException {
  return Object.assign(new Error('a new name is taken'), { code: 'EEXIST' });
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
