import type { CreationRules } from '../disk/creation-rules.ts';
import { lstat, rename } from '../disk/disk.ts';
import { requireReachable } from '../disk/reach.ts';
import { parentOf, type VirtualPath } from '../disk/virtual-path.ts';
import { FileBusyError, FileUnavailableError } from '../errors/errors.ts';
import { inBatches } from '../scheduling/in-batches.ts';
import type { TrashItem } from '../trash/trash-item.ts';
import { restoreDirectory } from '../uploads/restore-directories.ts';
import type { WritableStorage } from '../uploads/user-storage.ts';
import { existing, type NameAccess } from './name-access.ts';
import { type ReservedEntry, reserveEntry } from './name-changes.ts';

/** What a client asks for. */
interface RestoreRequest {
  readonly id: string;
  /** The name that the item is to get; its former one if left out. */
  readonly given: VirtualPath | undefined;
  /** For directories that have to be created. */
  readonly rules: CreationRules;
}

/** A restore: what, and the name that it is to get. */
interface Restore {
  readonly item: TrashItem;
  readonly to: VirtualPath;
}

/**
 * Gives an item of the trash its name back, or another one, and creates the directories of the name that are missing.
 *
 * @throws FileUnavailableError if there is no such item, or the name is taken.
 * @throws FileBusyError if it is being restored.
 * @throws TooManyFilesError
 * @throws QuotaExceededError if the item is not charged, and there is no room for it.
 */
export async function restoreItem(
  names: NameAccess,
  { id, given, rules }: RestoreRequest,
): Promise<VirtualPath> {
  const { space, jail } = names.storage;
  const item = itemWith(names, id);
  const release = space.trash.hold(item);
  if (release === undefined) throw new FileBusyError(`${id}: is being restored or removed.`);
  const to = given ?? item.path;
  names.access.requireNameAllowed(to);
  const requireAllowed = (path: VirtualPath) => names.access.require('mkdir', path);
  const reserved = await reserveEntry(space);
  try {
    if (reserved.kind === 'taken') {
      await space.nameLock.run(() =>
        restoreDirectory(jail, parentOf(to), { space, rules, requireAllowed }),
      );
    }
    await charging(names.storage, { item, to }, () => giveName(names, { item, to }, reserved));
    return to;
  } finally {
    if (reserved.kind === 'taken') reserved.entry.release();
    release();
  }
}

function giveName(
  names: NameAccess,
  { item, to }: Restore,
  reserved: ReservedEntry,
): Promise<void> {
  const act = item.kind === 'directory' ? 'mkdir' : 'create';
  return names.change(to, act, async ({ place, entry }) => {
    const { storage } = names;
    if (storage.space.trash.get(item.id) === undefined) throw missing(item.id);
    const shown = await storage.shownPartial(place);
    if (shown !== undefined || (await lstat(entry)) !== undefined) throw existing(to);
    requireReachable(storage.jail, place);
    if (reserved.kind === 'refused') throw reserved.reason;
    await names.loseName(place);
    await rename(storage.space.trash.pathOf(item), entry, 0);
    reserved.entry.use();
    await storage.space.trash.restored(item);
  });
}

/** Charges the account for an item that was not charged in the trash, unless the restore fails. */
async function charging(
  { space }: WritableStorage,
  { item, to }: Restore,
  restore: () => Promise<void>,
): Promise<void> {
  const bytes = item.isCharged ? 0 : item.sizeBytes;
  await space.spend(bytes, to);
  try {
    await restore();
  } catch (error) {
    space.refund(bytes);
    throw error;
  }
}

/**
 * Removes an item of the trash for good.
 *
 * @throws FileUnavailableError if there is none.
 * @throws FileBusyError if it is being restored, or cannot be removed.
 */
export async function dropItem(names: NameAccess, id: string): Promise<TrashItem> {
  const { storage } = names;
  return storage.nameLock.run(async () => {
    const { trash } = storage.space;
    const item = itemWith(names, id);
    names.access.require('delete', item.path);
    if (trash.isHeld(item) || !(await trash.drop(item))) {
      throw new FileBusyError(`${id}: is being restored, or cannot be removed.`);
    }
    return item;
  });
}

/** Removes for good all that the trash holds now. @returns how many have gone, and what they held. */
export async function emptyTrash(names: NameAccess): Promise<{ items: number; bytes: number }> {
  const { storage, access } = names;
  const { trash } = storage.space;
  const emptied = { items: 0, bytes: 0 };
  const known = deletedItems(names).filter(({ path }) => access.may('delete', path));
  for await (const batch of inBatches(known)) {
    await storage.nameLock.run(async () => {
      const items = batch.filter((item) => trash.get(item.id) === item && !trash.isHeld(item));
      await trash.dropAll(items);
      for (const { id, sizeBytes } of items) {
        if (trash.get(id) !== undefined) continue;
        emptied.items += 1;
        emptied.bytes += sizeBytes;
      }
    });
  }
  return emptied;
}

/** What the client may know of, the oldest first. */
export function deletedItems({ storage, access }: NameAccess): readonly TrashItem[] {
  return [...storage.space.trash.values()].filter(({ path }) => access.seesDeleted(path));
}

function itemWith({ storage, access }: NameAccess, id: string): TrashItem {
  const item = storage.space.trash.get(id);
  if (item === undefined || !access.seesDeleted(item.path)) throw missing(id);
  return item;
}

function missing(id: string): FileUnavailableError {
  return new FileUnavailableError(`${id}: no such item in the trash.`);
}
