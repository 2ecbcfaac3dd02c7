import type { CreationRules } from '../disk/creation-rules.ts';
import { lstat, lstatExisting } from '../disk/disk.ts';
import { requireReachable } from '../disk/reach.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';
import { FileUnavailableError, naming, TooManyFilesError } from '../errors/errors.ts';
import { inBatches } from '../scheduling/in-batches.ts';
import { removeDirectoryOrKeep, removeOrKeep } from '../trash/into-trash.ts';
import { EntryReservation } from '../uploads/entry-reservation.ts';
import { makeNewDirectory } from '../uploads/new-directory.ts';
import type { PartialUpload } from '../uploads/partial-upload.ts';
import type { WritableSpace } from '../uploads/writable-space.ts';
import { existing, type NameAccess } from './name-access.ts';
import { drop, refuseClaimed } from './partial-changes.ts';

/** Removes all that the client sees under a name: a file, a partial upload, or both. */
export async function deleteName(names: NameAccess, path: VirtualPath): Promise<void> {
  names.access.require('delete', path);
  if (await dropWithoutDirectory(names, path)) return;
  await names.change(path, 'delete', async ({ place, entry }) => {
    const partial = await names.storage.shownPartial(place);
    refuseClaimed(names.storage.partials, partial);
    const stats = partial === undefined ? await lstatExisting(entry) : await lstat(entry);
    if (stats?.isDirectory())
      throw new FileUnavailableError(naming`${path}: is a directory; use RMD.`);
    await names.loseName(place, partial?.id);
    if (stats !== undefined) {
      const freedBytes = await removeOrKeep(names.storage.space.trash, {
        path: place,
        entry,
        stats,
      });
      names.storage.refund(freedBytes, 1);
    }
    // Without the file that it was to replace, a crash leaves it without a name.
    if (partial !== undefined) await names.storage.dropPartial(partial);
  });
}

/** @throws TooManyFilesError if the account can have no further directory. */
export async function createDirectory(
  names: NameAccess,
  path: VirtualPath,
  rules: CreationRules,
): Promise<void> {
  names.access.require('mkdir', path);
  names.access.requireNameAllowed(path);
  const { space } = names.storage;
  // Before other changes of names wait, since the database may be locked.
  const reserved = await reserveEntry(space);
  let isRoomMade = false;
  try {
    await names.change(path, 'mkdir', async ({ place, entry }) => {
      const shown = await names.storage.shownPartial(place);
      if (shown !== undefined || (await lstat(entry)) !== undefined) throw existing(path);
      requireReachable(names.storage.jail, place);
      // A client that makes sure of a directory by making it is refused for the right reason.
      if (reserved.kind === 'refused') throw reserved.reason;
      await names.loseName(place);
      await makeNewDirectory(entry, space, rules);
      reserved.entry.use();
    });
  } catch (error) {
    const isFull = error instanceof TooManyFilesError;
    isRoomMade = isFull && (await space.oldFiles.makeRoom({ bytes: 0, entries: 1 }, path));
    if (!isRoomMade) throw error;
  } finally {
    if (reserved.kind === 'taken') reserved.entry.release();
  }
  if (isRoomMade) await createDirectory(names, path, rules);
}

/** Removes an empty directory. */
export function deleteDirectory(names: NameAccess, path: VirtualPath): Promise<void> {
  return names.change(path, 'rmdir', async ({ place, entry }) => {
    const partial = await shownWithin(names, place);
    if (partial !== undefined) {
      throw new FileUnavailableError(
        naming`${path}: directory not empty, it holds the partial upload ${partial.path}.`,
      );
    }
    const upload = names.storage.space.running.findWithin(place);
    if (upload !== undefined) {
      throw new FileUnavailableError(
        naming`${path}: directory not empty, ${upload.path} is being uploaded.`,
      );
    }
    await removeDirectoryOrKeep(names.storage.space.trash, { path: place, entry });
    names.storage.refund(0, 1);
  });
}

async function shownWithin(
  names: NameAccess,
  place: VirtualPath,
): Promise<PartialUpload | undefined> {
  for await (const batch of inBatches(names.storage.partials.within(place))) {
    for (const partial of batch) if (await names.storage.isShown(partial)) return partial;
  }
  return undefined;
}

/** The owner can remove a partial even if its directory is gone. */
async function dropWithoutDirectory(names: NameAccess, path: VirtualPath): Promise<boolean> {
  const partial = await names.storage.shownPartial(path);
  if (partial === undefined || (await hasDirectory(names, path))) return false;
  await names.storage.nameLock.run(() => drop(names, partial));
  return true;
}

function hasDirectory(names: NameAccess, path: VirtualPath): Promise<boolean> {
  return names.with(path, async () => true).catch(() => false);
}

/** An entry for a name that is about to be made, or the reason why there is none. */
export type ReservedEntry =
  | { readonly kind: 'taken'; readonly entry: EntryReservation }
  | { readonly kind: 'refused'; readonly reason: unknown };

/** Takes an entry. Call it without `nameLock`. */
export async function reserveEntry(space: WritableSpace): Promise<ReservedEntry> {
  const entry = new EntryReservation(space);
  await space.chargeKnown;
  try {
    await entry.takeOnceMeasured();
    return { kind: 'taken', entry };
  } catch (reason) {
    return { kind: 'refused', reason };
  }
}
