import type { Stats } from 'node:fs';
import { ignoreMissing, lstat, rename } from '../disk/disk.ts';
import { contentOf } from '../disk/name-content.ts';
import { requireReachable } from '../disk/reach.ts';
import { isSameFile } from '../disk/same-file.ts';
import { isWithin, ROOT, type VirtualPath } from '../disk/virtual-path.ts';
import { FileUnavailableError, NotPermittedError, naming } from '../errors/errors.ts';
import { inBatches } from '../scheduling/in-batches.ts';
import { replaceOrKeep } from '../trash/into-trash.ts';
import { existing, type Name, type NameAccess } from './name-access.ts';
import { refuseClaimed } from './partial-changes.ts';

/**
 * Renames all that the client sees under a name. A plain file that had the new name is replaced; a partial upload that
 * was seen there loses it.
 */
export async function renameName(
  names: NameAccess,
  from: VirtualPath,
  to: VirtualPath,
): Promise<void> {
  names.access.requireNameAllowed(to);
  await names.change(to, 'rename', async ({ place, entry }) => {
    if (from === ROOT) throw new NotPermittedError('The root directory cannot be renamed.');
    const source = await names.with(from, async (name) => name.place).catch(() => from);
    if (source === place) return;
    if (isWithin(source, place)) {
      throw new FileUnavailableError(naming`${from}: cannot be moved into itself.`);
    }
    requireReachable(names.storage.jail, place);
    await renameVisible(names, { from, source }, { path: to, place, entry });
  });
}

async function renameVisible(
  names: NameAccess,
  { from, source }: { from: VirtualPath; source: VirtualPath },
  to: Name,
): Promise<void> {
  const { storage } = names;
  const partial = await storage.shownPartial(source);
  // A running upload that continues one of them would publish it under the old name, or over the new one.
  refuseClaimed(storage.partials, partial, storage.partials.claimedWithin(to.place));
  const replaced = await lstat(to.entry);
  const isDirectory = await isDirectoryAt(names, from);
  const what = { isDirectory, replaces: replaced !== undefined };
  names.access.requireRename({ from, to: to.path, ...what });
  names.access.requireRename({ from: source, to: to.place, ...what });
  if (replaced?.isDirectory() || (isDirectory && replaced !== undefined)) throw existing(to.path);
  if (isDirectory) await requireAllReachable(names, { from, source }, to);
  await names.loseName(source, partial?.id);
  await names.loseName(to.place);
  await storage.space.loseNamesWithin(to.place);
  const moved = await renameOnDisk(names, from, { to, replaced, isNeeded: partial === undefined });
  if (moved?.isDirectory()) await storage.partials.rename(source, to.place);
  if (partial === undefined) return;
  await storage.partials.move(partial, to.place, contentOf(await lstat(to.entry)));
}

/** Everything in the directory moves with it, including partial uploads, and must stay within the path limit. */
async function requireAllReachable(
  names: NameAccess,
  { from, source }: { from: VirtualPath; source: VirtualPath },
  { place }: Name,
): Promise<void> {
  const sourceBytes = Buffer.byteLength(source);
  // Names that could be reached before can be reached under a shorter path.
  if (Buffer.byteLength(place) <= sourceBytes) return;
  const { jail, longestPath, partials } = names.storage;
  const onDiskBytes = await names.with(from, ({ entry }) => longestPath(entry));
  let longestBytes = onDiskBytes;
  for await (const batch of inBatches(partials.within(source))) {
    for (const { path } of batch) {
      longestBytes = Math.max(longestBytes, Buffer.byteLength(path) - sourceBytes);
    }
  }
  requireReachable(jail, place, longestBytes);
}

/** @returns what has been renamed; undefined if nothing but a partial has the name. */
async function renameOnDisk(
  names: NameAccess,
  from: VirtualPath,
  { to, replaced, isNeeded }: { to: Name; replaced: Stats | undefined; isNeeded: boolean },
): Promise<Stats | undefined> {
  const renaming = names.with(from, async ({ entry }) => {
    const moved = await lstat(entry);
    if (moved === undefined && !isNeeded) return undefined;
    if (moved === undefined) throw missing(from);
    const putThere = () => rename(entry, to.entry, replaced?.size ?? 0);
    // Of two names of one file, the system leaves both.
    if (replaced === undefined || isSameFile(replaced, moved)) await putThere();
    else {
      const { space } = names.storage;
      const name = { path: to.place, entry: to.entry, stats: replaced };
      space.refund(await replaceOrKeep(space.trash, name, putThere), 1);
    }
    return moved;
  });
  return isNeeded ? renaming : renaming.catch(ignoreMissing);
}

function isDirectoryAt(names: NameAccess, path: VirtualPath): Promise<boolean> {
  const facts = names.with(path, ({ entry }) => lstat(entry)).catch(() => undefined);
  return facts.then((stats) => stats?.isDirectory() === true);
}

function missing(path: VirtualPath): FileUnavailableError {
  return new FileUnavailableError(naming`${path}: no such file or directory.`);
}
