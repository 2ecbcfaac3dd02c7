import fs, { constants, type Stats } from 'node:fs';
import { FileSystem } from 'ftp-srv';
import { FileUnavailableError, NotPermittedError } from '../errors.ts';
import type { ConnectionContract } from '../ftp-srv-internals.ts';
import { type FileFacts, fileFacts } from '../listing/file-facts.ts';
import {
  changeMode,
  changeTimes,
  closeQuietly,
  lstat,
  lstatExisting,
  makeDirectory,
  openFile,
  removeDirectory,
  rename,
  unlink,
} from './disk.ts';
import { diskError } from './disk-errors.ts';
import { type DirectoryLease, HeldDirectories } from './held-directories.ts';
import { chooseBase, releaseBase, type UploadStart, uploadUnderWay } from './upload-base.ts';
import { UploadFile } from './upload-file.ts';
import type { UserStorage } from './user-storage.ts';
import { nameOf, parentOf, ROOT, resolvePathname, type VirtualPath } from './virtual-path.ts';

const { O_RDONLY, O_NOFOLLOW } = constants;

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
  readonly partials: readonly FileFacts[];
  close(): void;
}

/** Where an upload goes, once links are followed. */
interface UploadTarget {
  readonly path: VirtualPath;
  /** What `nameChanges` of the storage was when nothing had the name. */
  readonly wasNewAt: number | undefined;
}

interface UserFileSystemParts {
  readonly connection: ConnectionContract;
  readonly storage: UserStorage;
  readonly now: () => number;
}

/**
 * What one session may do to the files of its account. All pathnames are the client's; nothing here
 * reaches outside the account's root, and every change settles the account's quota.
 *
 * A partial upload stands, for its account, in the place of the file of its name.
 *
 * Every method throws a {@link ClientError} that speaks of the client's path.
 */
export class UserFileSystem extends FileSystem {
  readonly #storage: UserStorage;
  readonly #directories: HeldDirectories;
  readonly #now: () => number;
  #workingDirectory = ROOT;

  constructor({ connection, storage, now }: UserFileSystemParts) {
    super(connection as never, { root: storage.jail.rootPath, cwd: ROOT });
    this.#storage = storage;
    this.#directories = new HeldDirectories(storage.jail);
    this.#now = now;
  }

  get storage(): UserStorage {
    return this.#storage;
  }

  get isWritable(): boolean {
    return this.#storage.writing !== undefined;
  }

  resolve(pathname: string): VirtualPath {
    return resolvePathname(this.#workingDirectory, pathname);
  }

  override currentDirectory(): VirtualPath {
    return this.#workingDirectory;
  }

  override async chdir(pathname = '.'): Promise<VirtualPath> {
    const path = this.resolve(pathname);
    const facts = await this.get(path);
    if (facts.kind !== 'directory') throw new FileUnavailableError(`${path}: not a directory.`);
    this.#workingDirectory = path;
    return path;
  }

  /** The facts of a file or directory. */
  override get(pathname: string): Promise<FileFacts> {
    return this.#on(pathname, async (path) => {
      const partial = this.#storage.partials?.find(path);
      if (partial !== undefined)
        return fileFacts(nameOf(path), await lstatExisting(partial.diskPath));
      return fileFacts(nameOf(path), await this.#storage.jail.stat(path));
    });
  }

  /** Opens a file for reading; for its owner, that may be a partial upload. */
  override read(pathname: string): Promise<ReadableFile> {
    return this.#on(pathname, async (path) => {
      const { descriptor, stats } = await this.#openReadable(path);
      return { path, descriptor, stats, close: () => closeQuietly(descriptor) };
    });
  }

  override list(pathname = '.'): Promise<ListableDirectory> {
    return this.#on(pathname, async (path) => {
      const { held, release } = await this.#directories.hold(path);
      const partials = (this.#storage.partials?.inDirectory(path) ?? []).map(async (partial) => {
        const stats = await lstat(partial.diskPath);
        return stats && fileFacts(nameOf(partial.path), stats);
      });
      const facts = (await Promise.all(partials)).filter((one) => one !== undefined);
      const { descriptor, diskPath } = held;
      return { path, descriptor, diskPath, partials: facts, close: release };
    });
  }

  /**
   * Opens a file for an upload. Nothing changes for anybody until the upload is published.
   *
   * @throws RestartMarkerError if the marker lies beyond the end of what is there.
   * @throws FileBusyError if another upload is carrying on the same partial.
   * @throws QuotaExceededError if a resume has no room for the copy that it works on.
   */
  override write(pathname: string, { start }: { start?: UploadStart } = {}): Promise<UploadFile> {
    return this.#change(pathname, async (path) => {
      const directory = await this.#directories.hold(parentOf(path));
      try {
        const target = await this.#uploadTarget(path, directory);
        if (target.path !== path) {
          const file = await this.write(target.path, start ? { start } : {});
          directory.release();
          return file;
        }
        const wanted = start ?? { kind: 'offset', offsetBytes: 0 };
        return await this.#openUpload({ ...target, directory, start: wanted });
      } catch (error) {
        directory.release();
        throw error;
      }
    });
  }

  override delete(pathname: string): Promise<VirtualPath> {
    return this.#changeName(pathname, async (path, entry) => {
      const partial = this.#storage.partials?.find(path);
      if (partial !== undefined) {
        if (this.#storage.partials?.isClaimed(partial)) throw uploadUnderWay(path);
        await this.#storage.dropPartial(partial);
        return path;
      }
      const stats = await lstatExisting(entry);
      if (stats.isDirectory()) throw new FileUnavailableError(`${path}: is a directory; use RMD.`);
      await unlink(entry);
      if (stats.isFile()) this.#storage.refund(stats.size);
      return path;
    });
  }

  override mkdir(pathname: string): Promise<VirtualPath> {
    return this.#changeName(pathname, async (path, entry) => {
      if (this.#storage.partials?.find(path) !== undefined) throw existing(path);
      await makeDirectory(entry);
      return path;
    });
  }

  /** Removes an empty directory. */
  rmdir(pathname: string): Promise<VirtualPath> {
    return this.#changeName(pathname, async (path, entry) => {
      if (this.#storage.partials?.isAnyBelow(path)) {
        throw new FileUnavailableError(`${path}: directory not empty, it holds a partial upload.`);
      }
      await removeDirectory(entry);
      return path;
    });
  }

  /** Renames a file or directory; a plain file that had the new name is replaced. */
  override rename(fromPathname: string, toPathname: string): Promise<VirtualPath> {
    const from = this.resolve(fromPathname);
    return this.#changeName(toPathname, async (to, toEntry) => {
      if (from === ROOT) throw new NotPermittedError('The root directory cannot be renamed.');
      if (from === to) return to;
      const partials = this.#storage.partials;
      // An upload that is carrying a partial on would lose sight of it under another name.
      if (partials?.isAnyClaimedWithin(from)) throw uploadUnderWay(from);
      const superseded = partials?.find(to);
      if (superseded && partials?.isClaimed(superseded)) throw uploadUnderWay(to);
      if (partials?.find(from) !== undefined) await refuseDirectory(to, toEntry);
      else await this.#renameOnDisk({ from, to, toEntry });
      if (superseded !== undefined) await this.#storage.dropPartial(superseded);
      await partials?.rename(from, to);
      return to;
    });
  }

  /** Sets the permission bits of a file or directory, as octal digits. */
  override chmod(pathname: string, mode: string): Promise<VirtualPath> {
    return this.#changeFacts(pathname, (descriptor) =>
      changeMode(descriptor, Number.parseInt(mode, 8)),
    );
  }

  setModificationTime(pathname: string, modifiedMs: number): Promise<VirtualPath> {
    const seconds = modifiedMs / 1000;
    return this.#changeFacts(pathname, (descriptor) => changeTimes(descriptor, seconds, seconds));
  }

  /** Lets go of what the session holds open. */
  close(): void {
    this.#directories.close();
  }

  async #openReadable(path: VirtualPath): Promise<{ descriptor: number; stats: Stats }> {
    const partial = this.#storage.partials?.find(path);
    if (partial === undefined) return this.#storage.jail.openFile(path);
    const descriptor = await openFile(partial.diskPath, O_RDONLY | O_NOFOLLOW);
    return { descriptor, stats: fs.fstatSync(descriptor) };
  }

  /** Follows a symbolic link, so that uploads go to its target and leave the link. */
  async #uploadTarget(path: VirtualPath, { held }: DirectoryLease): Promise<UploadTarget> {
    if (path === ROOT) throw new FileUnavailableError('/: is a directory.');
    const { nameChanges, jail } = this.#storage;
    const stats = await lstat(`${held.entryPrefix}${nameOf(path)}`);
    if (stats === undefined) return { path, wasNewAt: nameChanges };
    if (stats.isFile()) return { path, wasNewAt: undefined };
    if (stats.isSymbolicLink()) {
      return { path: await jail.followLink(path, held), wasNewAt: undefined };
    }
    throw new FileUnavailableError(
      stats.isDirectory() ? `${path}: is a directory.` : `${path}: not a plain file.`,
    );
  }

  async #openUpload(
    upload: UploadTarget & { readonly directory: DirectoryLease; readonly start: UploadStart },
  ): Promise<UploadFile> {
    const { start, ...target } = upload;
    const storage = this.#storage;
    const { base, offsetBytes } = await chooseBase(storage, target.path, start);
    const mustBeNew = start.kind === 'new';
    try {
      const now = this.#now;
      return await UploadFile.open({ ...target, storage, base, offsetBytes, mustBeNew, now });
    } catch (error) {
      releaseBase(storage, base);
      throw error;
    }
  }

  async #renameOnDisk(names: {
    from: VirtualPath;
    to: VirtualPath;
    toEntry: string;
  }): Promise<void> {
    const { from, to, toEntry } = names;
    const { held, release } = await this.#directories.hold(parentOf(from));
    try {
      const fromEntry = `${held.entryPrefix}${nameOf(from)}`;
      const [moved, replaced] = await Promise.all([
        lstatExisting(fromEntry).catch((error) => Promise.reject(diskError(error, from))),
        lstat(toEntry),
      ]);
      if (replaced?.isDirectory()) throw existing(to);
      await rename(fromEntry, toEntry, replaced?.size ?? 0);
      if (replaced?.isFile() && replaced.ino !== moved.ino) this.#storage.refund(replaced.size);
    } finally {
      release();
    }
  }

  #changeFacts(
    pathname: string,
    change: (descriptor: number) => Promise<void>,
  ): Promise<VirtualPath> {
    return this.#change(pathname, async (path) => {
      const descriptor = await this.#openAny(path);
      try {
        await change(descriptor);
        return path;
      } finally {
        closeQuietly(descriptor);
      }
    });
  }

  async #openAny(path: VirtualPath): Promise<number> {
    const facts = await this.get(path);
    if (facts.kind === 'file') return (await this.#openReadable(path)).descriptor;
    const { descriptor } = await this.#storage.jail.holdDirectory(path);
    return descriptor;
  }

  /** Runs `task` on the entry of the directory that holds it, alone among changes of names. */
  #changeName<Result>(
    pathname: string,
    task: (path: VirtualPath, entry: string) => Promise<Result>,
  ): Promise<Result> {
    return this.#change(pathname, async (path) => {
      if (path === ROOT) throw new NotPermittedError('The root directory stays as it is.');
      const { held, release } = await this.#directories.hold(parentOf(path));
      try {
        const entry = `${held.entryPrefix}${nameOf(path)}`;
        return await this.#storage.names.run(() => {
          this.#storage.nameChanges += 1;
          return task(path, entry);
        });
      } finally {
        release();
      }
    });
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
    try {
      return await task(path);
    } catch (error) {
      throw diskError(error, path);
    }
  }
}

function existing(path: VirtualPath): FileUnavailableError {
  return new FileUnavailableError(`${path}: exists already.`);
}

async function refuseDirectory(path: VirtualPath, entry: string): Promise<void> {
  if ((await lstat(entry))?.isDirectory()) throw existing(path);
}
