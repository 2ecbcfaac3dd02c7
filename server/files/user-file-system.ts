import fs from 'node:fs';
import { type CreationRules, modesOfUmask, NO_RULES } from '../disk/creation-rules.ts';
import { changeModeByPath, closeQuietly } from '../disk/disk.ts';
import { diskError } from '../disk/disk-errors.ts';
import { HeldDirectories } from '../disk/held-directories.ts';
import type { Jail } from '../disk/jail.ts';
import { hasStagingDirectory } from '../disk/staging-directory.ts';
import { ROOT, resolvePathname, type VirtualPath } from '../disk/virtual-path.ts';
import { FileUnavailableError, NotPermittedError, naming } from '../errors/errors.ts';
import { permissionsAt } from '../listing/entry-permissions.ts';
import type { FileFacts } from '../system/file-facts.ts';
import { openUpload } from '../uploads/open-upload.ts';
import type { OnAbort } from '../uploads/room-wait.ts';
import type { UploadStart } from '../uploads/upload-base.ts';
import type { UploadFile } from '../uploads/upload-file.ts';
import type { UserStorage, WritableStorage } from '../uploads/user-storage.ts';
import { type Access, FULL_ACCESS } from './access.ts';
import type { Act } from './acts.ts';
import { availableBytes } from './available-bytes.ts';
import { changeFacts } from './change-facts.ts';
import { setFileTimes } from './file-times.ts';
import { KeptFiles } from './kept-files.ts';
import { type ListableDirectory, openListable } from './listable-directory.ts';
import { NameAccess } from './name-access.ts';
import { createDirectory, deleteDirectory, deleteName } from './name-changes.ts';
import { renameName } from './rename.ts';
import type { SessionRules } from './session-rules.ts';
import { type ReadableFile, VisibleFiles } from './visible-files.ts';
import type { Writing } from './writing.ts';

const OWNER_RIGHTS = 0o700;

/**
 * The files of an account for one session. All pathnames are the client's; nothing here reaches outside the account's
 * root, and every change updates the account's quota.
 *
 * For its account, a partial upload appears instead of the file of its name.
 *
 * Every method throws a {@link ClientError} with the client's path.
 */
export class UserFileSystem {
  readonly #jail: Jail;
  readonly #directories: HeldDirectories;
  readonly #access: { current: Access };
  readonly #writing: Writing | undefined;
  readonly #visible: VisibleFiles;
  readonly #requireHome: (() => void) | undefined;
  #sessionUmask: number | undefined;
  /** What is reached by ids: cut uploads and deleted files. */
  readonly kept: KeptFiles;
  #workingDirectory = ROOT;

  constructor(
    storage: UserStorage,
    {
      now,
      access: current = FULL_ACCESS,
      rules = NO_RULES,
      shown = (path) => path,
      requireHome,
    }: SessionRules,
  ) {
    this.#requireHome = requireHome;
    this.#jail = storage.jail;
    const access = { current };
    this.#access = access;
    const directories = new HeldDirectories(storage.jail);
    this.#directories = directories;
    if (storage.kind === 'writable') {
      const names = new NameAccess({ storage, directories, access });
      this.#writing = {
        storage,
        names,
        upload: { storage, directories, access, now, rules, shown },
      };
    }
    const own = storage.kind === 'writable' ? { storage, directories, access } : undefined;
    this.#visible = new VisibleFiles(storage.jail, access, own);
    this.kept = new KeptFiles({
      access,
      resolve: (pathname) => this.resolve(pathname),
      requireWriting: () => this.#requireWriting(),
      requireHome: () => this.#requireHome?.(),
      onPath: (path, task) => this.#onPath(path, task),
    });
  }

  /** What the session may do. */
  get access(): Access {
    return this.#access.current;
  }

  /** Changes what the session may do from now on. */
  setAccess(access: Access): void {
    this.#access.current = access;
  }

  get rootPath(): string {
    return this.#jail.rootPath;
  }

  /** Storage of an account that can write. */
  get writable(): WritableStorage | undefined {
    return this.#writing?.storage;
  }

  /** Storage of an account that can write. @throws NotPermittedError if the account can only read. */
  requireWritable(): WritableStorage {
    return this.#requireWriting().storage;
  }

  async availableBytes(): Promise<number> {
    const { writable, access, rootPath } = this;
    return writable === undefined || !access.mayUpload ? 0 : availableBytes(writable, rootPath);
  }

  /** Trees that the session can write to, each with the quota of an account. */
  get trees(): readonly UserFileSystem[] {
    return [this];
  }

  /** The tree that a pathname lies in. */
  treeAt(_pathname: string): UserFileSystem {
    return this;
  }

  /** A path of the tree of the working directory as the client knows it. */
  shown(path: VirtualPath): VirtualPath {
    return path;
  }

  /** The fact `perm` of a file or directory (RFC 3659 §7.5.5). */
  permissionsAt(path: VirtualPath, kind: FileFacts['kind']): string {
    return permissionsAt(this.access.rules, path, kind);
  }

  get mayUpload(): boolean {
    return this.access.mayUpload;
  }

  resolve(pathname: string): VirtualPath {
    return resolvePathname(this.#workingDirectory, pathname);
  }

  currentDirectory(): VirtualPath {
    return this.#workingDirectory;
  }

  async chdir(pathname = '.'): Promise<VirtualPath> {
    const path = this.resolve(pathname);
    await this.requireDirectory(path);
    this.#workingDirectory = path;
    return path;
  }

  /** @throws FileUnavailableError if `path` is no directory that the client may enter. */
  async requireDirectory(path: VirtualPath): Promise<void> {
    const facts = await this.get(path, 'enter');
    if (facts.kind === 'directory') return;
    throw this.#veiled(new FileUnavailableError(naming`${path}: not a directory.`), path);
  }

  /**
   * The facts of a file or directory.
   *
   * @param act reason for which the client asks.
   */
  get(pathname: string, act: Act = 'show'): Promise<FileFacts> {
    return this.#on(pathname, (path) => this.#visible.facts(path, act));
  }

  /** The facts of a file whose size the client asks for. */
  sizeFacts(pathname: string): Promise<FileFacts> {
    return this.#on(pathname, (path) => this.#visible.sizeFacts(path));
  }

  /** Opens a file for reading; for its owner, that may be a partial upload. */
  read(pathname: string): Promise<ReadableFile> {
    return this.#on(pathname, async (path) => {
      const { descriptor, stats, release } = await this.#visible.open(path, 'read');
      const reads = this.writable?.space.reads;
      reads?.begin(stats.ino);
      const close = () => {
        closeQuietly(descriptor);
        reads?.end(stats.ino);
        release?.();
      };
      return { path, descriptor, stats, close };
    });
  }

  list(pathname = '.'): Promise<ListableDirectory> {
    return this.#on(pathname, (path) =>
      openListable(path, {
        access: this.access,
        directories: this.#directories,
        visible: this.#visible,
        rootPath: this.rootPath,
      }),
    );
  }

  /**
   * Opens a file for an upload. Other clients see no change until the upload is published.
   *
   * @throws RestartMarkerError if the marker is beyond the end of the file.
   * @throws FileBusyError if another upload is resuming the same partial.
   * @throws QuotaExceededError if a resume has no room for its copy.
   */
  write(
    pathname: string,
    { start, onAbort }: { start?: UploadStart; onAbort?: OnAbort } = {},
  ): Promise<UploadFile> {
    const wanted = start ?? { kind: 'offset', offsetBytes: 0 };
    return this.#change(pathname, (path, { upload }) => {
      const deps = onAbort === undefined ? upload : { ...upload, onAbort };
      return openUpload(deps, path, wanted);
    });
  }

  delete(pathname: string): Promise<VirtualPath> {
    return this.#change(pathname, async (path, { names }) => {
      await deleteName(names, path);
      return path;
    });
  }

  mkdir(pathname: string): Promise<VirtualPath> {
    return this.#change(pathname, async (path, { names, upload }) => {
      await createDirectory(names, path, upload.rules);
      return path;
    });
  }

  rmdir(pathname: string): Promise<VirtualPath> {
    return this.#change(pathname, async (path, { names }) => {
      await deleteDirectory(names, path);
      return path;
    });
  }

  rename(fromPathname: string, toPathname: string): Promise<VirtualPath> {
    const from = this.resolve(fromPathname);
    this.access.require('rename', from);
    return this.#change(toPathname, async (path, { names }) => {
      await renameName(names, from, path);
      return path;
    });
  }

  /**
   * Sets the permission bits of a file or directory, including unreadable ones. The owner of a directory keeps all
   * rights to it: the server is the owner, and without them it could neither list, measure nor delete its contents.
   *
   * @param mode octal digits; resolves with the mode that it has got.
   */
  chmod(pathname: string, mode: string): Promise<{ path: VirtualPath; mode: number }> {
    let bits = Number.parseInt(mode, 8);
    const open = (path: VirtualPath) => this.#visible.hold(path, 'chmod');
    const changed = this.#changeFacts(pathname, open, (descriptor) => {
      if (fs.fstatSync(descriptor).isDirectory()) bits |= OWNER_RIGHTS;
      return changeModeByPath(`/proc/self/fd/${descriptor}`, bits);
    });
    return changed.then((path) => ({ path, mode: bits }));
  }

  /** Modes of the files and directories that the session creates from now on. */
  get creationRules(): CreationRules {
    return this.#requireWriting().upload.rules;
  }

  /** Umask that the session has set. */
  get sessionUmask(): number | undefined {
    return this.#sessionUmask;
  }

  /** Sets the modes by a umask. The owner stays. */
  setUmask(umask: number): void {
    const { upload } = this.#requireWriting();
    this.#sessionUmask = umask;
    upload.rules = { ...upload.rules, ...modesOfUmask(umask) };
  }

  /** @throws ParameterNotSupportedError if the file system cannot store that time. */
  setModificationTime(pathname: string, modifiedMs: number): Promise<VirtualPath> {
    const open = (path: VirtualPath) => this.#visible.openAny(path, 'mfmt');
    return this.#changeFacts(pathname, open, (descriptor) => setFileTimes(descriptor, modifiedMs));
  }

  /** Closes the directories that the session holds open. */
  close(): void {
    this.#directories.close();
  }

  #changeFacts(
    pathname: string,
    open: (path: VirtualPath) => Promise<number>,
    change: (descriptor: number) => Promise<void>,
  ): Promise<VirtualPath> {
    return this.#change(pathname, async (path, { storage }) => {
      await changeFacts(storage, await open(path), change);
      return path;
    });
  }

  #requireWriting(): Writing {
    if (this.#writing === undefined) throw new NotPermittedError('This account can only read.');
    return this.#writing;
  }

  #change<Result>(
    pathname: string,
    task: (path: VirtualPath, writing: Writing) => Promise<Result>,
  ): Promise<Result> {
    return this.#on(pathname, (path) => task(path, this.#requireWriting()));
  }

  async #on<Result>(
    pathname: string,
    task: (path: VirtualPath) => Promise<Result>,
  ): Promise<Result> {
    return await this.#onPath(this.resolve(pathname), task);
  }

  async #onPath<Result>(
    path: VirtualPath,
    task: (path: VirtualPath) => Promise<Result>,
  ): Promise<Result> {
    if (hasStagingDirectory(path)) {
      throw new FileUnavailableError(naming`${path}: no such file or directory.`);
    }
    this.#requireHome?.();
    // During an append in place a file is seen as it was before or as it is after.
    const appending = this.writable?.space.appending;
    if (appending !== undefined) await appending;
    try {
      return await task(path);
    } catch (error) {
      throw this.#veiled(diskError(error, path), path);
    }
  }

  #veiled(error: unknown, path: VirtualPath): unknown {
    return this.access.veiled(error, path);
  }
}
