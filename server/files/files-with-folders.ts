import type { FolderMount } from '../../db/folder-mount.ts';
import { nameOf, parentOf, ROOT, resolvePathname, type VirtualPath } from '../disk/virtual-path.ts';
import { FileUnavailableError } from '../errors/errors.ts';
import { permissionsAt } from '../listing/entry-permissions.ts';
import type { ListedFolder } from '../listing/listed-folders.ts';
import { byteName } from '../system/byte-name.ts';
import type { FileFacts } from '../system/file-facts.ts';
import type { UploadFile } from '../uploads/upload-file.ts';
import type { WritableStorage } from '../uploads/user-storage.ts';
import type { Access } from './access.ts';
import type { Act } from './acts.ts';
import { KeptInFolders } from './kept-in-folders.ts';
import type { ListableDirectory } from './listable-directory.ts';
import type { MountedFolder } from './mounted-folder.ts';
import { MountedFolders } from './mounted-folders.ts';
import { existing } from './name-access.ts';
import type { SessionFiles } from './session-files.ts';
import type { UserFileSystem } from './user-file-system.ts';
import type { ReadableFile } from './visible-files.ts';

type Changed = Awaited<ReturnType<UserFileSystem['chmod']>>;

/** A tree, and a path in it. */
interface Place {
  readonly tree: UserFileSystem;
  readonly path: VirtualPath;
}

/**
 * The files of a session that sees shared folders: the tree of its account, and a tree for each folder. Every pathname
 * belongs to one of them. A folder hides what the account has under its name, and keeps that name.
 *
 * SITE QUOTA, PARTIALS and TRASH are about the tree of the working directory.
 */
export class FilesWithFolders implements SessionFiles {
  readonly home: UserFileSystem;
  readonly kept: KeptInFolders;
  readonly #folders: MountedFolders;
  #workingDirectory = ROOT;

  constructor(home: UserFileSystem, folders: readonly MountedFolder[]) {
    this.home = home;
    this.#workingDirectory = home.currentDirectory();
    this.#folders = new MountedFolders(folders);
    this.kept = new KeptInFolders({
      here: () => ({ tree: this.treeAt('.'), mountpoint: this.#here?.mountpoint }),
      requireHere: (path) => this.#folders.requireSameTree(this.#workingDirectory, path),
      resolve: (pathname) => this.resolve(pathname),
    });
  }

  /** The folders as the database has them, by path. */
  get mounts(): readonly FolderMount[] {
    return this.#folders.mounts;
  }

  /** Replaces the folders. Uploads and downloads that run go on. */
  setFolders(folders: readonly MountedFolder[]): void {
    this.#folders.replace(folders);
  }

  get access(): Access {
    return this.#here?.access ?? this.home.access;
  }

  setAccess(access: Access): void {
    this.home.setAccess(access);
    for (const folder of this.#folders.all()) folder.setAccess(access);
  }

  get rootPath(): string {
    return this.home.rootPath;
  }

  get trees(): readonly UserFileSystem[] {
    return [this.home, ...this.#folders.all().flatMap(({ opened }) => opened ?? [])];
  }

  /** @throws FileUnavailableError for a folder that is not available: the tree of the account is no substitute. */
  treeAt(pathname: string): UserFileSystem {
    const folder = this.#folders.of(this.resolve(pathname));
    if (folder === undefined) return this.home;
    if (folder.opened === undefined) throw unavailable(folder.mountpoint.at);
    return folder.opened;
  }

  shown(path: VirtualPath): VirtualPath {
    return this.#here?.mountpoint.shown(path) ?? path;
  }

  permissionsAt(path: VirtualPath, kind: FileFacts['kind']): string {
    const folder = this.#folders.of(path);
    if (folder === undefined) return this.home.permissionsAt(path, kind);
    return permissionsAt(folder.access.rules, folder.mountpoint.inner(path), kind);
  }

  get mayUpload(): boolean {
    return this.trees.some((tree) => tree.mayUpload);
  }

  get writable(): WritableStorage | undefined {
    return this.treeAt('.').writable;
  }

  requireWritable(): WritableStorage {
    return this.treeAt('.').requireWritable();
  }

  availableBytes(): Promise<number> {
    return this.treeAt('.').availableBytes();
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

  requireDirectory(path: VirtualPath): Promise<void> {
    return this.#in(path, (place) => place.tree.requireDirectory(place.path));
  }

  get(pathname: string, act: Act = 'show'): Promise<FileFacts> {
    const path = this.resolve(pathname);
    const folder = this.#folders.at(path);
    if (folder === undefined) return this.#in(path, (place) => place.tree.get(place.path, act));
    return this.#factsOf(folder, act);
  }

  sizeFacts(pathname: string): Promise<FileFacts> {
    return this.#in(pathname, ({ tree, path }) => tree.sizeFacts(path));
  }

  async read(pathname: string): Promise<ReadableFile> {
    const file = await this.#in(pathname, ({ tree, path }) => tree.read(path));
    return { ...file, path: this.resolve(pathname) };
  }

  async list(pathname = '.'): Promise<ListableDirectory> {
    const path = this.resolve(pathname);
    const directory = await this.#in(path, (place) => place.tree.list(place.path));
    const folders = await this.#foldersIn(path);
    if (folders.length === 0) return { ...directory, path };
    return { ...directory, path, contents: { ...directory.contents, folders } };
  }

  write(pathname: string, options?: Parameters<UserFileSystem['write']>[1]): Promise<UploadFile> {
    return this.#in(pathname, ({ tree, path }) => tree.write(path, options));
  }

  delete(pathname: string): Promise<VirtualPath> {
    return this.#change(pathname, ({ tree, path }) => tree.delete(path));
  }

  async mkdir(pathname: string): Promise<VirtualPath> {
    const path = this.resolve(pathname);
    if (this.#folders.at(path) !== undefined) throw existing(path);
    await this.#in(path, (place) => place.tree.mkdir(place.path));
    return path;
  }

  rmdir(pathname: string): Promise<VirtualPath> {
    return this.#change(pathname, ({ tree, path }) => tree.rmdir(path));
  }

  /** Within one tree: a rename across the border of a folder would be a copy. */
  async rename(fromPathname: string, toPathname: string): Promise<VirtualPath> {
    const [from, to] = [this.resolve(fromPathname), this.resolve(toPathname)];
    if (this.#folders.at(to) !== undefined) throw existing(to);
    this.#folders.requireSameTree(from, to);
    const folder = this.#folders.of(to);
    const source = folder?.mountpoint.inner(from) ?? from;
    await this.#change(from, () => this.#in(to, ({ tree, path }) => tree.rename(source, path)));
    return to;
  }

  async chmod(pathname: string, mode: string): Promise<Changed> {
    const path = this.resolve(pathname);
    this.#folders.requireNoneAt(path);
    const changed = await this.#in(path, (place) => place.tree.chmod(place.path, mode));
    return { ...changed, path };
  }

  get creationRules() {
    return this.home.creationRules;
  }

  get sessionUmask(): number | undefined {
    return this.home.sessionUmask;
  }

  setUmask(umask: number): void {
    this.home.setUmask(umask);
    for (const folder of this.#folders.all()) folder.setUmask(umask);
  }

  async setModificationTime(pathname: string, modifiedMs: number): Promise<VirtualPath> {
    const path = this.resolve(pathname);
    this.#folders.requireNoneAt(path);
    await this.#in(path, (place) => place.tree.setModificationTime(place.path, modifiedMs));
    return path;
  }

  close(): void {
    this.home.close();
    for (const folder of this.#folders.all()) folder.close();
  }

  /** The folder of the working directory. */
  get #here(): MountedFolder | undefined {
    return this.#folders.of(this.#workingDirectory);
  }

  async #in<Result>(pathname: string, task: (place: Place) => Promise<Result>): Promise<Result> {
    const path = this.resolve(pathname);
    const folder = this.#folders.of(path);
    if (folder === undefined) return await task({ tree: this.home, path });
    this.home.access.require('enter', folder.mountpoint.at);
    const tree = await folder.open();
    if (tree === undefined) throw unavailable(folder.mountpoint.at);
    try {
      return await task({ tree, path: folder.mountpoint.inner(path) });
    } catch (error) {
      throw folder.mountpoint.shownFailure(error);
    }
  }

  /** Changes a name, which is returned. */
  async #change(pathname: string, task: (place: Place) => Promise<unknown>): Promise<VirtualPath> {
    const path = this.resolve(pathname);
    this.#folders.requireNoneIn(path);
    await this.#in(path, task);
    return path;
  }

  async #factsOf(folder: MountedFolder, act: Act): Promise<FileFacts> {
    const { mountpoint } = folder;
    if (act === 'rename') this.#folders.requireNoneAt(mountpoint.at);
    this.home.access.require(act, mountpoint.at);
    const facts = await this.#in(mountpoint.at, ({ tree, path }) => tree.get(path, 'enter'));
    return { ...facts, name: nameOf(mountpoint.at) };
  }

  async #foldersIn(directory: VirtualPath): Promise<readonly ListedFolder[]> {
    const { rules } = this.home.access;
    const here = this.#folders
      .all()
      .filter(({ mountpoint: { at } }) => parentOf(at) === directory && rules.isOpen(at));
    return await Promise.all(here.map((folder) => this.#listed(folder)));
  }

  async #listed(folder: MountedFolder): Promise<ListedFolder> {
    const { at } = folder.mountpoint;
    const name = byteName(nameOf(at));
    const facts = await this.#factsOf(folder, 'enter').catch(() => undefined);
    const isDirectory = facts?.kind === 'directory';
    return {
      name,
      facts: isDirectory ? { ...facts, name } : undefined,
      permissions: this.permissionsAt(at, 'directory'),
    };
  }
}

function unavailable(path: VirtualPath): FileUnavailableError {
  return new FileUnavailableError(`${path}: the shared folder is not available.`);
}
