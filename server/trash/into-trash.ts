import { opendirSync, type Stats } from 'node:fs';
import {
  changeModeByPath,
  link,
  lstat,
  makeDirectory,
  removeDirectory,
  removeFile,
  rename,
  unlink,
} from '../disk/disk.ts';
import { errnoOf, isDiskFull } from '../disk/disk-errors.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';
import { FileUnavailableError, naming } from '../errors/errors.ts';
import type { Trash } from './trash.ts';
import type { TrashItem } from './trash-item.ts';

/** A name that is about to lose what it holds. */
export interface RemovedName {
  /** Free of symbolic links in its directories. */
  readonly path: VirtualPath;
  /** Path on disk, through the held directory. */
  readonly entry: string;
  readonly stats: Stats;
}

/** Errors of `link` where a file cannot have a second name: of the file system, or for files of other users. */
const NO_LINK: ReadonlySet<string> = new Set([
  ...['EPERM', 'EACCES', 'EMLINK'],
  ...['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'],
]);

/**
 * Removes a file or link, or keeps it in the trash. A full disk removes it for good.
 *
 * @returns the bytes that the account is no longer charged for.
 */
export async function removeOrKeep(trash: Trash, removed: RemovedName): Promise<number> {
  const bytes = sizeOf(removed);
  const item = await begin(trash, removed, 'deleted');
  const isKept = item !== undefined && (await keep(trash, removed, item));
  if (isKept) return item.isCharged ? 0 : bytes;
  await removeFile(removed.entry, bytes);
  return bytes;
}

async function keep(trash: Trash, { path, entry }: RemovedName, item: TrashItem): Promise<boolean> {
  try {
    await rename(entry, trash.pathOf(item), 0);
  } catch (error) {
    await trash.abandon(item);
    return requireDiskFull(trash, error, path);
  }
  await trash.add(item);
  return true;
}

/**
 * Runs a change that replaces a file, which is kept in the trash. The file gets a second name there first, so that its
 * own name never holds nothing. On a full disk it is replaced for good.
 *
 * @returns the bytes that the account is no longer charged for.
 */
export async function replaceOrKeep(
  trash: Trash,
  replaced: RemovedName,
  change: () => Promise<void>,
): Promise<number> {
  const bytes = sizeOf(replaced);
  // The system lets no file replace a directory.
  const item = replaced.stats.isDirectory() ? undefined : await begin(trash, replaced, 'replaced');
  const putBack = item && (await setAside(trash, replaced, item));
  if (item === undefined || putBack === undefined) {
    await change();
    return bytes;
  }
  try {
    await change();
  } catch (error) {
    await putBack();
    await trash.abandon(item);
    throw error;
  }
  await trash.add(item);
  return item.isCharged ? 0 : bytes;
}

/** @returns a function that undoes it; undefined if the disk is full. */
async function setAside(
  trash: Trash,
  { path, entry }: RemovedName,
  item: TrashItem,
): Promise<(() => Promise<void>) | undefined> {
  const kept = trash.pathOf(item);
  try {
    if (await linkIfPossible(entry, kept)) return () => unlink(kept);
    await rename(entry, kept, 0);
    return () => rename(kept, entry, 0);
  } catch (error) {
    await trash.abandon(item);
    requireDiskFull(trash, error, path);
    return undefined;
  }
}

/** @returns false if the file cannot have a second name. */
async function linkIfPossible(entry: string, kept: string): Promise<boolean> {
  try {
    await link(entry, kept);
    return true;
  } catch (error) {
    if (NO_LINK.has(errnoOf(error))) return false;
    throw error;
  }
}

/**
 * Removes an empty directory, or keeps it in the trash: a new one of the same mode, so that nothing can be made in the
 * trash through a directory that a session holds open.
 */
export async function removeDirectoryOrKeep(
  trash: Trash,
  { path, entry }: Omit<RemovedName, 'stats'>,
): Promise<void> {
  const stats = trash.isOn ? await lstat(entry) : undefined;
  // The system refuses all others.
  const isRemovable = stats?.isDirectory() === true && mayBeEmpty(entry);
  const item = isRemovable ? await begin(trash, { path, entry, stats }, 'deleted') : undefined;
  if (stats === undefined || item === undefined) return removeDirectory(entry);
  const kept = trash.pathOf(item);
  try {
    await makeDirectory(kept);
    await changeModeByPath(kept, stats.mode & 0o7777);
    await removeDirectory(entry);
  } catch (error) {
    await removeDirectory(kept).catch(() => {});
    await trash.abandon(item);
    requireDiskFull(trash, error, path);
    return removeDirectory(entry);
  }
  await trash.add(item);
}

/** @returns undefined if nothing is kept. */
async function begin(
  trash: Trash,
  { path, stats }: RemovedName,
  reason: TrashItem['reason'],
): Promise<TrashItem | undefined> {
  if (!trash.isOn) return undefined;
  try {
    return await trash.begin({ path, stats, reason });
  } catch (error) {
    requireDiskFull(trash, error, path);
    return undefined;
  }
}

function sizeOf({ stats }: RemovedName): number {
  return stats.isFile() ? stats.size : 0;
}

/** Saves a row for each directory that a client tries to remove with its contents. */
function mayBeEmpty(path: string): boolean {
  try {
    const directory = opendirSync(path);
    try {
      return directory.readSync() === null;
    } finally {
      directory.closeSync();
    }
  } catch {
    // The system needs no right to the directory itself to remove it.
    return true;
  }
}

/** A full disk is no reason to keep a file: to delete it makes room. @throws all other errors. */
function requireDiskFull(trash: Trash, error: unknown, path: VirtualPath): false {
  if (errnoOf(error) === 'EXDEV') {
    throw new FileUnavailableError(naming`${path}: is on another file system than the trash.`);
  }
  if (!isDiskFull(error)) throw error;
  trash.reportLost(error);
  return false;
}
