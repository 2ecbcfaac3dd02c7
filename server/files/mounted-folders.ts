import type { FolderMount } from '../../db/folder-mount.ts';
import { ROOT, type VirtualPath } from '../disk/virtual-path.ts';
import { FileNameNotAllowedError, NotPermittedError } from '../errors/errors.ts';
import type { MountedFolder } from './mounted-folder.ts';

/** The shared folders in the tree of a session. Each keeps its name, and what leads to it does, too. */
export class MountedFolders {
  /** Longest path first: a folder may lie in another. */
  #folders: readonly MountedFolder[] = [];

  constructor(folders: readonly MountedFolder[]) {
    this.replace(folders);
  }

  replace(folders: readonly MountedFolder[]): void {
    const before = this.#folders;
    this.#folders = folders.toSorted((a, b) => b.mountpoint.at.length - a.mountpoint.at.length);
    for (const folder of before) folder.close();
  }

  all(): readonly MountedFolder[] {
    return this.#folders;
  }

  /** The folders as the database has them, by path. */
  get mounts(): readonly FolderMount[] {
    return this.#folders.map(({ mount }) => mount).toSorted((a, b) => (a.at < b.at ? -1 : 1));
  }

  /** The folder that a path lies in. */
  of(path: VirtualPath): MountedFolder | undefined {
    return this.#folders.find(({ mountpoint }) => mountpoint.holds(path));
  }

  /** The folder that has a path. */
  at(path: VirtualPath): MountedFolder | undefined {
    return this.#folders.find(({ mountpoint }) => mountpoint.at === path);
  }

  /** @throws NotPermittedError */
  requireNoneAt(path: VirtualPath): void {
    if (this.at(path) === undefined) return;
    throw new NotPermittedError(
      `${path}: is a shared folder, which only an administrator changes.`,
    );
  }

  /** @throws NotPermittedError if the path leads to a folder, which would lose its place with it. */
  requireNoneIn(path: VirtualPath): void {
    this.requireNoneAt(path);
    const found = this.#folders.find(({ mountpoint }) => isInside(path, mountpoint.at));
    if (found === undefined) return;
    throw new NotPermittedError(`${path}: contains the shared folder ${found.mountpoint.at}.`);
  }

  /** @throws FileNameNotAllowedError if one of the paths lies in a folder and the other does not. */
  requireSameTree(from: VirtualPath, to: VirtualPath): void {
    if (this.of(from) === this.of(to)) return;
    throw new FileNameNotAllowedError(
      `${to}: shared folders are separate from other files; upload the file there instead of moving it.`,
    );
  }
}

function isInside(directory: VirtualPath, path: VirtualPath): boolean {
  return directory === ROOT || path.startsWith(`${directory}/`);
}
