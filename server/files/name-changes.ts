import { FileUnavailableError, NotPermittedError } from '../errors.ts';
import { lstat, lstatExisting, makeDirectory, removeDirectory, rename, unlink } from './disk.ts';
import { diskError } from './disk-errors.ts';
import type { HeldDirectories } from './held-directories.ts';
import { placeOf } from './partial-places.ts';
import type { PartialUpload, PartialUploads } from './partial-uploads.ts';
import { uploadUnderWay } from './upload-base.ts';
import type { UserStorage } from './user-storage.ts';
import { nameOf, parentOf, ROOT, type VirtualPath } from './virtual-path.ts';

/** A name that a change is about. */
interface Name {
  /** As the client knows it. */
  readonly path: VirtualPath;
  /** Without symbolic links on the way, as it is called just now: what partial uploads go by. */
  readonly place: VirtualPath;
  /** How the disk reaches it, through the directory that is held. */
  readonly entry: string;
}

/**
 * Changes the names of an account's tree for one session: each settles the quota and takes partial uploads
 * along. They run one at a time per account.
 */
export class NameChanges {
  readonly #storage: UserStorage;
  readonly #directories: HeldDirectories;

  constructor(parts: { storage: UserStorage; directories: HeldDirectories }) {
    this.#storage = parts.storage;
    this.#directories = parts.directories;
  }

  /** Removes a file; of a name that has a partial upload, that one first. */
  async delete(path: VirtualPath): Promise<void> {
    if (await this.#dropWithoutDirectory(path)) return;
    await this.#change(path, async ({ place, entry }) => {
      const partial = this.#storage.partials?.find(place);
      if (partial !== undefined) return this.#drop(partial);
      const stats = await lstatExisting(entry);
      if (stats.isDirectory()) throw new FileUnavailableError(`${path}: is a directory; use RMD.`);
      await unlink(entry);
      if (stats.isFile()) this.#storage.refund(stats.size);
    });
  }

  makeDirectory(path: VirtualPath): Promise<void> {
    return this.#change(path, async ({ place, entry }) => {
      if (this.#storage.partials?.find(place) !== undefined) throw existing(path);
      await makeDirectory(entry);
    });
  }

  /** Removes an empty directory. */
  removeDirectory(path: VirtualPath): Promise<void> {
    return this.#change(path, async ({ place, entry }) => {
      const [partial] = this.#storage.partials?.within(place) ?? [];
      if (partial !== undefined) {
        const held = `it holds the partial upload ${partial.path}`;
        throw new FileUnavailableError(`${path}: directory not empty, ${held}.`);
      }
      const upload = this.#storage.writing?.running.findWithin(place);
      if (upload !== undefined) {
        const running = `${upload.path} is being uploaded`;
        throw new FileUnavailableError(`${path}: directory not empty, ${running}.`);
      }
      await removeDirectory(entry);
    });
  }

  /** Renames a file or directory; a plain file that had the new name is replaced. */
  async rename(from: VirtualPath, to: VirtualPath): Promise<void> {
    await this.#change(to, async ({ place, entry }) => {
      if (from === ROOT) throw new NotPermittedError('The root directory cannot be renamed.');
      const source = await this.#withName(from, async (name) => name.place).catch(() => from);
      if (source === place) return;
      const partial = this.#storage.partials?.find(source);
      if (partial !== undefined) await this.#renamePartial(partial, { to, place, entry });
      else await this.#renameOnDisk({ from, source }, { path: to, place, entry });
    });
  }

  /** A partial upload moves alone: the file that it was to replace stays, and is seen again. */
  async #renamePartial(
    partial: PartialUpload,
    { to, place, entry }: { to: VirtualPath; place: VirtualPath; entry: string },
  ): Promise<void> {
    const { partials } = this.#storage;
    const superseded = partials?.find(place);
    // An upload that is carrying it on would publish it under the old name.
    refuseClaimed(partials, superseded === undefined ? [partial] : [partial, superseded]);
    if ((await lstat(entry))?.isDirectory()) throw existing(to);
    if (superseded !== undefined) await this.#storage.dropPartial(superseded);
    await partials?.move(partial, place);
  }

  /** Partial uploads below a directory go along; those that the new name still had make way. */
  async #renameOnDisk(
    { from, source }: { from: VirtualPath; source: VirtualPath },
    to: Name,
  ): Promise<void> {
    const { partials } = this.#storage;
    const superseded = partials?.within(to.place) ?? [];
    refuseClaimed(partials, superseded);
    await this.#withName(from, async ({ entry }) => {
      const [moved, replaced] = await Promise.all([
        lstatExisting(entry).catch((error) => Promise.reject(diskError(error, from))),
        lstat(to.entry),
      ]);
      if (replaced?.isDirectory()) throw existing(to.path);
      await rename(entry, to.entry, replaced?.size ?? 0);
      if (replaced?.isFile() && replaced.ino !== moved.ino) this.#storage.refund(replaced.size);
    });
    for (const partial of superseded) await this.#storage.dropPartial(partial);
    await partials?.rename(source, to.place);
  }

  /** What is left of an upload is its owner's to remove even if its directory is gone. */
  async #dropWithoutDirectory(path: VirtualPath): Promise<boolean> {
    const partial = this.#storage.partials?.find(path);
    if (partial === undefined || (await this.#hasDirectory(path))) return false;
    await this.#storage.names.run(() => this.#drop(partial));
    return true;
  }

  #hasDirectory(path: VirtualPath): Promise<boolean> {
    return this.#withName(path, async () => true).catch(() => false);
  }

  async #drop(partial: PartialUpload): Promise<void> {
    if (this.#storage.partials?.isClaimed(partial)) throw uploadUnderWay(partial.path);
    await this.#storage.dropPartial(partial);
  }

  /** Runs `task` on a name, alone among changes of names. */
  async #change<Result>(path: VirtualPath, task: (name: Name) => Promise<Result>): Promise<Result> {
    if (path === ROOT) throw new NotPermittedError('The root directory stays as it is.');
    return this.#withName(path, (name) =>
      this.#storage.names.run(() => {
        this.#storage.nameChanges += 1;
        return task(name);
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

function refuseClaimed(
  partials: PartialUploads | undefined,
  wanted: readonly PartialUpload[],
): void {
  const busy = wanted.find((partial) => partials?.isClaimed(partial));
  if (busy !== undefined) throw uploadUnderWay(busy.path);
}

function existing(path: VirtualPath): FileUnavailableError {
  return new FileUnavailableError(`${path}: exists already.`);
}
