import fs, { constants, type Stats } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { changeModeByPath, closeQuietly, lstat, openFile } from '../disk/disk.ts';
import { diskError, errnoOf } from '../disk/disk-errors.ts';
import { setFileTimes } from '../disk/file-times.ts';
import { HeldDirectories } from '../disk/held-directories.ts';
import type { HeldDirectory } from '../disk/jail.ts';
import { contentOf } from '../disk/name-content.ts';
import { nameOf, ROOT, resolvePathname, type VirtualPath } from '../disk/virtual-path.ts';
import { FileUnavailableError, NotPermittedError } from '../errors/errors.ts';
import { type FileFacts, fileFacts } from '../listing/file-facts.ts';
import type { PartialEntries } from '../listing/partial-entries.ts';
import { isUnlimited } from '../quota/unlimited.ts';
import { O_PATH } from '../system/node-internals.ts';
import { openUpload, type UploadParts } from '../uploads/open-upload.ts';
import { findPartial } from '../uploads/partial-places.ts';
import type { PartialUpload } from '../uploads/partial-uploads.ts';
import type { OnAbort } from '../uploads/room-wait.ts';
import type { UploadStart } from '../uploads/upload-base.ts';
import type { UploadFile } from '../uploads/upload-file.ts';
import type { UserStorage } from '../uploads/user-storage.ts';
import { NameChanges } from './name-changes.ts';

const { O_RDONLY, O_NOFOLLOW } = constants;

const OWNER_RIGHTS = 0o700;

/** A plain file, open for reading; `close` must be called once. */
export interface ReadableFile {
  readonly path: VirtualPath;
  readonly descriptor: number;
  readonly stats: Stats;
  close(): void;
}

/** A directory, open for being listed; `close` must be called once. */
export interface ListableDirectory {
  readonly path: VirtualPath;
  readonly descriptor: number;
  readonly diskPath: string;
  /** What partial uploads look like to their owner: these take the place of entries of their names. */
  readonly partials: PartialEntries | undefined;
  close(): void;
}

/** The mode that a file or directory has got. */
interface ChangedMode {
  readonly path: VirtualPath;
  readonly mode: number;
}

/**
 * What one session may do to the files of its account. All pathnames are the client's; nothing here
 * reaches outside the account's root, and every change settles the account's quota.
 *
 * A partial upload stands, for its account, in the place of the file of its name.
 *
 * Every method throws a {@link ClientError} that speaks of the client's path.
 */
export class UserFileSystem {
  readonly #storage: UserStorage;
  readonly #directories: HeldDirectories;
  readonly #names: NameChanges;
  readonly #parts: UploadParts;
  #workingDirectory = ROOT;

  constructor(storage: UserStorage, now: () => number) {
    this.#storage = storage;
    this.#directories = new HeldDirectories(storage.jail);
    this.#names = new NameChanges({ storage, directories: this.#directories });
    this.#parts = { storage, directories: this.#directories, now };
  }

  get storage(): UserStorage {
    return this.#storage;
  }

  get isWritable(): boolean {
    return this.#storage.writing !== undefined;
  }

  /** The bytes that the account can still write: of its quota or, without a limit, of the file system. */
  async availableBytes(): Promise<number> {
    const { ledger, accountId, jail } = this.#storage;
    const usage = await ledger?.usage(accountId);
    if (usage === undefined) return 0;
    if (!isUnlimited(usage.limitBytes)) return (await this.#storage.roomBytes()) ?? 0;
    const { bavail, bsize } = await statfs(jail.rootPath);
    return bavail * bsize;
  }

  resolve(pathname: string): VirtualPath {
    return resolvePathname(this.#workingDirectory, pathname);
  }

  currentDirectory(): VirtualPath {
    return this.#workingDirectory;
  }

  async chdir(pathname = '.'): Promise<VirtualPath> {
    const path = this.resolve(pathname);
    const facts = await this.get(path);
    if (facts.kind !== 'directory') throw new FileUnavailableError(`${path}: not a directory.`);
    this.#workingDirectory = path;
    return path;
  }

  /** The facts of a file or directory. */
  get(pathname: string): Promise<FileFacts> {
    return this.#on(pathname, async (path) => {
      const partial = await findPartial(this.#parts, path);
      const stats = partial && (await lstat(partial.diskPath));
      if (stats !== undefined) return partialFacts(path, stats);
      return fileFacts(nameOf(path), await this.#storage.jail.stat(path));
    });
  }

  /** Opens a file for reading; for its owner, that may be a partial upload. */
  read(pathname: string): Promise<ReadableFile> {
    return this.#on(pathname, async (path) => {
      const { descriptor, stats, release } = await this.#openReadable(path);
      const close = () => {
        closeQuietly(descriptor);
        release?.();
      };
      return { path, descriptor, stats, close };
    });
  }

  list(pathname = '.'): Promise<ListableDirectory> {
    return this.#on(pathname, async (path) => {
      const { held, release } = await this.#directories.hold(path);
      try {
        const partials = await this.#partialsIn(held);
        const { descriptor, diskPath } = held;
        return { path, descriptor, diskPath, partials, close: release };
      } catch (error) {
        release();
        throw error;
      }
    });
  }

  /**
   * Opens a file for an upload. Nothing changes for anybody until the upload is published.
   *
   * @throws RestartMarkerError if the marker lies beyond the end of what is there.
   * @throws FileBusyError if another upload is carrying on the same partial.
   * @throws QuotaExceededError if a resume has no room for the copy that it works on.
   */
  write(
    pathname: string,
    { start, onAbort }: { start?: UploadStart; onAbort?: OnAbort } = {},
  ): Promise<UploadFile> {
    const wanted = start ?? { kind: 'offset', offsetBytes: 0 };
    const parts = onAbort === undefined ? this.#parts : { ...this.#parts, onAbort };
    return this.#change(pathname, (path) => openUpload(parts, path, wanted));
  }

  delete(pathname: string): Promise<VirtualPath> {
    return this.#change(pathname, async (path) => {
      await this.#names.delete(path);
      return path;
    });
  }

  mkdir(pathname: string): Promise<VirtualPath> {
    return this.#change(pathname, async (path) => {
      await this.#names.makeDirectory(path);
      return path;
    });
  }

  rmdir(pathname: string): Promise<VirtualPath> {
    return this.#change(pathname, async (path) => {
      await this.#names.removeDirectory(path);
      return path;
    });
  }

  rename(fromPathname: string, toPathname: string): Promise<VirtualPath> {
    const from = this.resolve(fromPathname);
    return this.#change(toPathname, async (path) => {
      await this.#names.rename(from, path);
      return path;
    });
  }

  /** Removes a partial upload by its id, shown under a name or not. */
  dropPartial(id: string): Promise<PartialUpload> {
    if (!this.isWritable) throw new NotPermittedError('This account can only read.');
    return this.#names.dropPartial(id);
  }

  /** Shows a partial upload, found by its id, under a name that nothing has. */
  recoverPartial(id: string, pathname: string): Promise<VirtualPath> {
    return this.#change(pathname, async (path) => {
      await this.#names.recoverPartial(id, path);
      return path;
    });
  }

  /**
   * Sets the permission bits of a file or directory, also of one that nobody may read. The owner of a directory keeps
   * all rights to it: the server is the owner, and without them it could neither list nor measure what is in there, nor
   * delete it.
   *
   * @param mode octal digits.
   */
  chmod(pathname: string, mode: string): Promise<ChangedMode> {
    let bits = Number.parseInt(mode, 8);
    const open = (path: VirtualPath) => this.#holdAny(path);
    const changed = this.#changeFacts(pathname, open, (descriptor) => {
      if (fs.fstatSync(descriptor).isDirectory()) bits |= OWNER_RIGHTS;
      return changeModeByPath(`/proc/self/fd/${descriptor}`, bits);
    });
    return changed.then((path) => ({ path, mode: bits }));
  }

  /** @throws ParameterNotSupportedError if the file system cannot store that time. */
  setModificationTime(pathname: string, modifiedMs: number): Promise<VirtualPath> {
    const open = (path: VirtualPath) => this.#openAny(path);
    return this.#changeFacts(pathname, open, (descriptor) => setFileTimes(descriptor, modifiedMs));
  }

  /** Lets go of what the session holds open. */
  close(): void {
    this.#directories.close();
  }

  async #partialsIn(held: HeldDirectory): Promise<PartialEntries | undefined> {
    const { partials, writing, jail } = this.#storage;
    const place = partials?.isEmpty === false ? jail.nameOfHeld(held) : undefined;
    if (place === undefined || writing === undefined) return undefined;
    const encoded = await partials?.encodedIn(place);
    return encoded && { encoded, stagingPath: writing.stagingPath };
  }

  async #openReadable(
    path: VirtualPath,
  ): Promise<{ descriptor: number; stats: Stats; release?: (() => void) | undefined }> {
    const partial = await findPartial(this.#parts, path);
    if (partial === undefined) return this.#storage.jail.openFile(path);
    const release = this.#storage.partials?.read(partial);
    try {
      const descriptor = await openFile(partial.diskPath, O_RDONLY | O_NOFOLLOW);
      return { descriptor, stats: fs.fstatSync(descriptor), release };
    } catch (error) {
      // It has just been dropped or published.
      if (errnoOf(error) === 'ENOENT' && this.#storage.partials?.get(partial.id) !== partial) {
        release?.();
        return this.#openReadable(path);
      }
      release?.();
      throw error;
    }
  }

  #changeFacts(
    pathname: string,
    open: (path: VirtualPath) => Promise<number>,
    change: (descriptor: number) => Promise<void>,
  ): Promise<VirtualPath> {
    return this.#change(pathname, async (path) => {
      const descriptor = await open(path);
      try {
        await this.#keepClaims(descriptor, change);
        return path;
      } finally {
        closeQuietly(descriptor);
      }
    });
  }

  /** Other facts are no other content: uploads that have begun over the file still replace it. */
  async #keepClaims(
    descriptor: number,
    change: (descriptor: number) => Promise<void>,
  ): Promise<void> {
    const { writing } = this.#storage;
    if (writing === undefined || (writing.partials.isEmpty && writing.running.isEmpty)) {
      return change(descriptor);
    }
    await this.#storage.names.run(async () => {
      const before = contentOf(fs.fstatSync(descriptor));
      await change(descriptor);
      await writing.contentChanged(before, contentOf(fs.fstatSync(descriptor)));
    });
  }

  async #holdAny(path: VirtualPath): Promise<number> {
    const partial = await findPartial(this.#parts, path);
    if (partial === undefined) return this.#storage.jail.hold(path);
    return openFile(partial.diskPath, O_PATH | O_NOFOLLOW);
  }

  async #openAny(path: VirtualPath): Promise<number> {
    const facts = await this.get(path);
    if (facts.kind === 'file') {
      const { descriptor, release } = await this.#openReadable(path);
      release?.();
      return descriptor;
    }
    const { descriptor } = await this.#storage.jail.holdDirectory(path);
    return descriptor;
  }

  #change<Result>(pathname: string, task: (path: VirtualPath) => Promise<Result>): Promise<Result> {
    if (!this.isWritable) throw new NotPermittedError('This account can only read.');
    return this.#on(pathname, task);
  }

  async #on<Result>(
    pathname: string,
    task: (path: VirtualPath) => Promise<Result>,
  ): Promise<Result> {
    const path = this.resolve(pathname);
    // A file that is being appended to in place is seen as it was before or as it is after.
    const appending = this.#storage.writing?.appending;
    if (appending !== undefined) await appending;
    try {
      return await task(path);
    } catch (error) {
      throw diskError(error, path);
    }
  }
}

function partialFacts(path: VirtualPath, stats: Stats): FileFacts {
  return { ...fileFacts(nameOf(path), stats), isPartial: true };
}
