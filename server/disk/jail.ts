import fs, { constants, type Stats } from 'node:fs';
import { FileUnavailableError, naming } from '../errors/errors.ts';
import { O_PATH } from '../system/node-internals.ts';
import { closeQuietly, lstat, openFile, realPath } from './disk.ts';
import { errnoOf } from './disk-errors.ts';
import { hasStagingDirectory } from './staging-directory.ts';
import { nameOf, ROOT, type VirtualPath } from './virtual-path.ts';

const { O_DIRECTORY, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/** A directory that is held open, so that what is done in it cannot be led elsewhere. */
export interface HeldDirectory {
  /** Names in this directory are reached as `${entryPrefix}${name}`. */
  readonly entryPrefix: string;
  readonly descriptor: number;
  /** Path when the directory was opened. */
  readonly diskPath: string;
}

/** Refuses a path without symbolic links, by throwing; nothing has been read from it then. */
export type PlaceCheck = (place: VirtualPath) => void;

/**
 * The files below one directory of the disk, the root of a client's tree, without staging directories. No path leads out of it: not by `..`, not by
 * symbolic links, not by links that are created during the call.
 *
 * Node has no openat(2), so nothing is checked before it is opened. A file or directory is opened first; then the path
 * of the descriptor (`/proc/self/fd`) must be below the root. Changes go through the descriptor of the directory that
 * holds the name.
 */
export class Jail {
  readonly rootPath: string;
  readonly #below: string;
  /** Path on disk of the directory that nothing leads out of. */
  readonly #scopePath: string;
  readonly #belowScope: string;

  /**
   * @param rootPath must be resolved (realpath).
   * @param scope only what is in this directory of the tree can be reached; free of symbolic links.
   */
  constructor(rootPath: string, scope = ROOT) {
    this.rootPath = rootPath;
    this.#below = belowOf(rootPath);
    this.#scopePath = this.#diskPath(scope);
    this.#belowScope = belowOf(this.#scopePath);
  }

  /** Opens a plain file for reading. */
  async openFile(
    path: VirtualPath,
    check?: PlaceCheck,
  ): Promise<{ descriptor: number; stats: Stats }> {
    const descriptor = await this.#openReadable(path);
    try {
      this.#locate(descriptor, check);
      const stats = fs.fstatSync(descriptor);
      if (!stats.isFile()) throw new FileUnavailableError(naming`${path}: not a plain file.`);
      return { descriptor, stats };
    } catch (error) {
      closeQuietly(descriptor);
      throw error;
    }
  }

  /** The facts of a file or directory; symbolic links are followed as far as they stay inside. */
  async stat(path: VirtualPath, check?: PlaceCheck): Promise<Stats> {
    const descriptor = await this.hold(path, check);
    try {
      return fs.fstatSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  }

  /**
   * Holds a file or directory, without any right to it: it cannot be read by its descriptor (`O_PATH`). The caller
   * closes it.
   */
  async hold(path: VirtualPath, check?: PlaceCheck): Promise<number> {
    const descriptor = await openFile(this.#diskPath(path), O_PATH);
    try {
      this.#locate(descriptor, check);
      return descriptor;
    } catch (error) {
      closeQuietly(descriptor);
      throw error;
    }
  }

  async holdDirectory(path: VirtualPath, check?: PlaceCheck): Promise<HeldDirectory> {
    const descriptor = await openFile(this.#diskPath(path), O_RDONLY | O_DIRECTORY | O_NONBLOCK);
    try {
      const diskPath = this.#locate(descriptor, check);
      return { descriptor, diskPath, entryPrefix: `/proc/self/fd/${descriptor}/` };
    } catch (error) {
      closeQuietly(descriptor);
      throw error;
    }
  }

  /** Whether `path` still names the held directory, without a symbolic link on the way. */
  isStill(held: HeldDirectory, path: VirtualPath): boolean {
    return pathOfDescriptor(held.descriptor) === this.#diskPath(path);
  }

  /** Current path of a held directory, without symbolic links; undefined if it was removed or has left the root. */
  nameOfHeld({ descriptor }: HeldDirectory): VirtualPath | undefined {
    const place = pathOfDescriptor(descriptor);
    if (!this.#contains(place) || isRemoved(descriptor, place)) return undefined;
    return this.#virtualPath(place);
  }

  /** Whether a held directory is still below the root, wherever it was moved to. */
  isInside(held: HeldDirectory): boolean {
    return this.#contains(pathOfDescriptor(held.descriptor));
  }

  /** The target of `path` if it is a symbolic link to something inside; else `path` itself. */
  async followLink(path: VirtualPath, held: HeldDirectory): Promise<VirtualPath> {
    const stats = await lstat(`${held.entryPrefix}${nameOf(path)}`);
    if (stats === undefined || !stats.isSymbolicLink()) return path;
    const target = await realPath(`${held.entryPrefix}${nameOf(path)}`);
    if (!this.#contains(target)) throw missing();
    return this.#virtualPath(target);
  }

  async #openReadable(path: VirtualPath): Promise<number> {
    const flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    const diskPath = this.#diskPath(path);
    try {
      return await openFile(diskPath, flags);
    } catch (error) {
      if (errnoOf(error) !== 'ELOOP') throw error;
      const target = await realPath(diskPath);
      if (!this.#contains(target)) throw missing();
      return openFile(target, flags);
    }
  }

  #diskPath(path: VirtualPath): string {
    return path === ROOT ? this.rootPath : `${this.#below}${path.slice(1)}`;
  }

  #virtualPath(diskPath: string): VirtualPath {
    return `/${diskPath.slice(this.#below.length)}` as VirtualPath;
  }

  /** Path of the descriptor; everything outside does not exist for a client. */
  #locate(descriptor: number, check?: PlaceCheck): string {
    const place = pathOfDescriptor(descriptor);
    if (!this.#contains(place)) throw missing();
    check?.(this.#virtualPath(place));
    return place;
  }

  #contains(diskPath: string): boolean {
    if (diskPath !== this.#scopePath && !diskPath.startsWith(this.#belowScope)) return false;
    return !hasStagingDirectory(diskPath.slice(this.#below.length));
  }
}

function belowOf(directory: string): string {
  return directory === '/' ? '/' : `${directory}/`;
}

function pathOfDescriptor(descriptor: number): string {
  return fs.readlinkSync(`/proc/self/fd/${descriptor}`);
}

/** Linux marks the names of what was removed; a directory may be called like that, too. */
function isRemoved(descriptor: number, place: string): boolean {
  return place.endsWith(' (deleted)') && fs.fstatSync(descriptor).nlink === 0;
}

function missing(): NodeJS.ErrnoException {
  return Object.assign(new Error('outside the jail'), { code: 'ENOENT' });
}
