import type { Stats } from 'node:fs';
import {
  ignoreMissing,
  lstat,
  lstatExisting,
  makeDirectory,
  removeDirectory,
  rename,
  unlink,
} from '../disk/disk.ts';
import type { HeldDirectories } from '../disk/held-directories.ts';
import { contentOf, NOTHING } from '../disk/name-content.ts';
import { requireReachable } from '../disk/reach.ts';
import { isWithin, nameOf, parentOf, ROOT, type VirtualPath } from '../disk/virtual-path.ts';
import { FileUnavailableError, NotPermittedError } from '../errors/errors.ts';
import { inBatches } from '../scheduling/in-batches.ts';
import { EntryReservation } from '../uploads/entry-reservation.ts';
import { placeOf } from '../uploads/partial-places.ts';
import type { PartialUpload } from '../uploads/partial-upload.ts';
import type { PartialUploads } from '../uploads/partial-uploads.ts';
import { uploadUnderWay } from '../uploads/upload-base.ts';
import type { WritableStorage } from '../uploads/user-storage.ts';
import type { WritableSpace } from '../uploads/writable-space.ts';

/** A name that a change is about. */
interface Name {
  /** Path as the client knows it. */
  readonly path: VirtualPath;
  /** Current path without symbolic links; partial uploads are found by it. */
  readonly place: VirtualPath;
  /** Path on disk, through the held directory. */
  readonly entry: string;
}

/**
 * Changes the names of an account's tree for one session: each settles the quota and takes partial uploads
 * along. They run one at a time per account.
 */
export class NameChanges {
  readonly #storage: WritableStorage;
  readonly #directories: HeldDirectories;

  constructor(parts: { storage: WritableStorage; directories: HeldDirectories }) {
    this.#storage = parts.storage;
    this.#directories = parts.directories;
  }

  /** Removes all that the client sees under a name: a file, a partial upload, or both. */
  async delete(path: VirtualPath): Promise<void> {
    if (await this.#dropWithoutDirectory(path)) return;
    await this.#change(path, async ({ place, entry }) => {
      const partial = await this.#storage.shownPartial(place);
      refuseClaimed(this.#storage.partials, partial);
      const stats = partial === undefined ? await lstatExisting(entry) : await lstat(entry);
      if (stats?.isDirectory()) throw new FileUnavailableError(`${path}: is a directory; use RMD.`);
      await this.#loseName(place, partial?.id);
      if (stats !== undefined) await unlink(entry);
      if (stats !== undefined) this.#storage.refund(stats.isFile() ? stats.size : 0, 1);
      // Without the file that it was to replace, a crash leaves it without a name.
      if (partial !== undefined) await this.#storage.dropPartial(partial);
    });
  }

  /** @throws TooManyFilesError if the account can have no further directory. */
  async makeDirectory(path: VirtualPath): Promise<void> {
    // Before other changes of names wait, since the database may be locked.
    const reserved = await reserveEntry(this.#storage.space);
    try {
      await this.#change(path, async ({ place, entry }) => {
        const shown = await this.#storage.shownPartial(place);
        if (shown !== undefined || (await lstat(entry)) !== undefined) throw existing(path);
        requireReachable(this.#storage.jail, place);
        // A client that makes sure of a directory by making it is refused for the right reason.
        if (reserved.kind === 'refused') throw reserved.reason;
        await this.#loseName(place);
        await makeDirectory(entry);
        reserved.entry.use();
      });
    } finally {
      if (reserved.kind === 'taken') reserved.entry.release();
    }
  }

  /** Removes an empty directory. */
  removeDirectory(path: VirtualPath): Promise<void> {
    return this.#change(path, async ({ place, entry }) => {
      const partial = await this.#shownWithin(place);
      if (partial !== undefined) {
        const held = `it holds the partial upload ${partial.path}`;
        throw new FileUnavailableError(`${path}: directory not empty, ${held}.`);
      }
      const upload = this.#storage.space.running.findWithin(place);
      if (upload !== undefined) {
        const running = `${upload.path} is being uploaded`;
        throw new FileUnavailableError(`${path}: directory not empty, ${running}.`);
      }
      await removeDirectory(entry);
      this.#storage.refund(0, 1);
    });
  }

  /**
   * Renames all that the client sees under a name. A plain file that had the new name is replaced; a partial upload that
   * was seen there loses it.
   */
  async rename(from: VirtualPath, to: VirtualPath): Promise<void> {
    await this.#change(to, async ({ place, entry }) => {
      if (from === ROOT) throw new NotPermittedError('The root directory cannot be renamed.');
      const source = await this.#withName(from, async (name) => name.place).catch(() => from);
      if (source === place) return;
      if (isWithin(source, place)) {
        throw new FileUnavailableError(`${from}: cannot be moved into itself.`);
      }
      requireReachable(this.#storage.jail, place);
      await this.#rename({ from, source }, { path: to, place, entry });
    });
  }

  async #rename(
    { from, source }: { from: VirtualPath; source: VirtualPath },
    to: Name,
  ): Promise<void> {
    const storage = this.#storage;
    const partial = await storage.shownPartial(source);
    // A running upload that continues one of them would publish it under the old name, or over the new one.
    refuseClaimed(storage.partials, partial, storage.partials.claimedWithin(to.place));
    const replaced = await lstat(to.entry);
    const isDirectory = await this.#isDirectory(from);
    if (replaced?.isDirectory() || (isDirectory && replaced !== undefined)) throw existing(to.path);
    if (isDirectory) await this.#requireAllReachable({ from, source }, to);
    await this.#loseName(source, partial?.id);
    await this.#loseName(to.place);
    await storage.space.loseNamesWithin(to.place);
    const moved = await this.#renameOnDisk(from, { to, replaced, isNeeded: partial === undefined });
    if (moved?.isDirectory()) await storage.partials.rename(source, to.place);
    if (partial === undefined) return;
    await storage.partials.move(partial, to.place, contentOf(await lstat(to.entry)));
  }

  /** Everything in the directory moves with it, including partial uploads, and must stay within the path limit. */
  async #requireAllReachable(
    { from, source }: { from: VirtualPath; source: VirtualPath },
    { place }: Name,
  ): Promise<void> {
    const sourceBytes = Buffer.byteLength(source);
    // Names that could be reached before can be reached under a shorter path.
    if (Buffer.byteLength(place) <= sourceBytes) return;
    const { jail, longestPath, partials } = this.#storage;
    const onDiskBytes = await this.#withName(from, ({ entry }) => longestPath(entry));
    let longestBytes = onDiskBytes;
    for await (const batch of inBatches(partials.within(source))) {
      for (const { path } of batch) {
        longestBytes = Math.max(longestBytes, Buffer.byteLength(path) - sourceBytes);
      }
    }
    requireReachable(jail, place, longestBytes);
  }

  /** @returns what has been renamed; undefined if nothing but a partial has the name. */
  async #renameOnDisk(
    from: VirtualPath,
    { to, replaced, isNeeded }: { to: Name; replaced: Stats | undefined; isNeeded: boolean },
  ): Promise<Stats | undefined> {
    const renaming = this.#withName(from, async ({ entry }) => {
      const moved = await lstat(entry);
      if (moved === undefined && !isNeeded) return undefined;
      if (moved === undefined) throw missing(from);
      await rename(entry, to.entry, replaced?.size ?? 0);
      if (replaced !== undefined && replaced.ino !== moved.ino) {
        this.#storage.refund(replaced.isFile() ? replaced.size : 0, 1);
      }
      return moved;
    });
    return isNeeded ? renaming : renaming.catch(ignoreMissing);
  }

  /**
   * Removes a partial by its id.
   *
   * @throws FileUnavailableError if there is none.
   * @throws FileBusyError if an upload is carrying it on.
   */
  async dropPartial(id: string): Promise<PartialUpload> {
    return this.#storage.nameLock.run(async () => {
      const partial = this.#partialWith(id);
      await this.#drop(partial);
      return partial;
    });
  }

  /**
   * Shows a partial under an unused name, where it can be read or resumed.
   *
   * @throws FileUnavailableError if there is no such partial, or the name is taken.
   * @throws FileBusyError if an upload is resuming it.
   * @throws TooManyFilesError if the account can have no further file, so that it could not be resumed.
   */
  async recoverPartial(id: string, to: VirtualPath): Promise<void> {
    await this.#change(to, async ({ place, entry }) => {
      const partial = this.#partialWith(id);
      refuseClaimed(this.#storage.partials, partial);
      if ((await lstat(entry)) !== undefined) throw existing(to);
      const shown = await this.#storage.shownPartial(place);
      if (shown !== undefined && shown.id !== id) throw existing(to);
      requireReachable(this.#storage.jail, place);
      await this.#storage.space.requireEntryRoom();
      await this.#loseName(place, id);
      await this.#storage.partials.move(partial, place, NOTHING);
    });
  }

  #partialWith(id: string): PartialUpload {
    const partial = this.#storage.partials.get(id);
    if (partial === undefined) throw new FileUnavailableError(`${id}: no such partial upload.`);
    return partial;
  }

  #isDirectory(path: VirtualPath): Promise<boolean> {
    const facts = this.#withName(path, ({ entry }) => lstat(entry)).catch(() => undefined);
    return facts.then((stats) => stats?.isDirectory() === true);
  }

  async #shownWithin(place: VirtualPath): Promise<PartialUpload | undefined> {
    for await (const batch of inBatches(this.#storage.partials.within(place))) {
      for (const partial of batch) if (await this.#storage.isShown(partial)) return partial;
    }
    return undefined;
  }

  async #loseName(place: VirtualPath, exceptId?: string): Promise<void> {
    await this.#storage.space.loseName(place, exceptId);
  }

  /** The owner can remove a partial even if its directory is gone. */
  async #dropWithoutDirectory(path: VirtualPath): Promise<boolean> {
    const partial = await this.#storage.shownPartial(path);
    if (partial === undefined || (await this.#hasDirectory(path))) return false;
    await this.#storage.nameLock.run(() => this.#drop(partial));
    return true;
  }

  #hasDirectory(path: VirtualPath): Promise<boolean> {
    return this.#withName(path, async () => true).catch(() => false);
  }

  async #drop(partial: PartialUpload): Promise<void> {
    refuseClaimed(this.#storage.partials, partial);
    await this.#storage.dropPartial(partial);
  }

  /** Runs `task` on a name, alone among changes of names. */
  async #change<Result>(path: VirtualPath, task: (name: Name) => Promise<Result>): Promise<Result> {
    if (path === ROOT) throw new NotPermittedError('The root directory cannot be changed.');
    return this.#withName(path, (name) =>
      this.#storage.nameLock.run(async () => {
        this.#storage.nameVersion += 1;
        try {
          return await task(name);
        } finally {
          this.#storage.nameVersion += 1;
        }
      }),
    );
  }

  async #withName<Result>(
    path: VirtualPath,
    task: (name: Name) => Promise<Result>,
  ): Promise<Result> {
    const storage = this.#storage;
    const { held, release } = await this.#directories.hold(parentOf(path));
    try {
      return await task({
        path,
        entry: `${held.entryPrefix}${nameOf(path)}`,
        get place() {
          return placeOf(path, storage.jail.nameOfHeld(held));
        },
      });
    } finally {
      release();
    }
  }
}

/** @throws FileBusyError if an upload is resuming one of them. */
function refuseClaimed(
  partials: PartialUploads,
  ...wanted: readonly (PartialUpload | undefined)[]
): void {
  const busy = wanted.find((partial) => partial !== undefined && partials.isClaimed(partial));
  if (busy !== undefined) throw uploadUnderWay(busy.path);
}

type ReservedEntry =
  | { readonly kind: 'taken'; readonly entry: EntryReservation }
  | { readonly kind: 'refused'; readonly reason: unknown };

async function reserveEntry(space: WritableSpace): Promise<ReservedEntry> {
  const entry = new EntryReservation(space);
  try {
    await entry.take();
    return { kind: 'taken', entry };
  } catch (reason) {
    return { kind: 'refused', reason };
  }
}

function missing(path: VirtualPath): FileUnavailableError {
  return new FileUnavailableError(`${path}: no such file or directory.`);
}

function existing(path: VirtualPath): FileUnavailableError {
  return new FileUnavailableError(`${path}: already exists.`);
}
