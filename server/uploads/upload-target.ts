import fs, { type Stats } from 'node:fs';
import { lstat } from '../disk/disk.ts';
import type { DirectoryLease } from '../disk/held-directories.ts';
import type { HeldDirectory } from '../disk/jail.ts';
import { contentOf, isStill, type NameContent } from '../disk/name-content.ts';
import { nameOf, parentOf, pathIn, type VirtualPath } from '../disk/virtual-path.ts';
import { naming, UploadMismatchError } from '../errors/errors.ts';
import type { UploadBase } from './upload-base.ts';
import type { WritableStorage } from './user-storage.ts';

/** A name, as it was when the upload was opened. */
export interface SeenName {
  readonly path: VirtualPath;
  /** The directory that holds the name; `UploadTarget.release` releases it. */
  readonly directory: DirectoryLease;
  /** Undefined if nothing had the name. */
  readonly stats: Stats | undefined;
  /** `nameLock.version` before the facts were read. */
  readonly nameVersion: number;
  /** The client must not find out what has the name: it counts as unused. */
  readonly isBlind: boolean;
}

/**
 * The name that an upload is published under: its current path, and its content when the upload started. While the name
 * has that content, the upload has a claim on it: once cut, the upload is shown there.
 */
export class UploadTarget {
  readonly #isBlind: boolean;
  readonly #storage: WritableStorage;
  readonly #base: UploadBase;
  readonly #directory: DirectoryLease;
  #path: VirtualPath;
  #name: string;
  #stats: Stats | undefined;
  #nameVersion: number;
  /** Content of the name when the upload started, once it has been read. */
  #held: NameContent | undefined;
  #hasLostName = false;
  #isFollowed = false;

  constructor(storage: WritableStorage, base: UploadBase, seen: SeenName) {
    this.#storage = storage;
    this.#base = base;
    this.#directory = seen.directory;
    this.#path = seen.path;
    this.#name = nameOf(seen.path);
    this.#isBlind = seen.isBlind;
    this.#stats = seen.stats;
    this.#nameVersion = seen.nameVersion;
    if (base.kind === 'partial') this.#held = base.partial.held;
  }

  get name(): string {
    return this.#name;
  }

  /** Takes another name in the same directory. */
  rename(name: string): void {
    this.#path = pathIn(parentOf(this.path), name);
    this.#name = name;
  }

  /** Current path: while the upload runs, its directory may be renamed. */
  get path(): VirtualPath {
    const place = this.#isFollowed ? this.#storage.jail.nameOfHeld(this.directory) : undefined;
    if (place !== undefined) this.#path = pathIn(place, this.name);
    return this.#path;
  }

  get directory(): HeldDirectory {
    return this.#directory.held;
  }

  /** Path on disk, through the held directory. */
  get entryPath(): string {
    return `${this.directory.entryPrefix}${this.name}`;
  }

  /** The plain file that had the name when it was last looked at. */
  get replaced(): Stats | undefined {
    return this.#stats?.isFile() === true ? this.#stats : undefined;
  }

  /** Nothing had the name when it was last looked at. */
  get isUnused(): boolean {
    return this.#stats === undefined;
  }

  /** Nothing has had the name since the upload began. */
  get isStillUnused(): boolean {
    if (this.#isBlind) return false;
    return this.isUnused && this.#nameVersion === this.#storage.nameLock.version;
  }

  /**
   * Reads the facts of the name again if names have changed. Nothing may happen between this and the moment from which
   * the upload hears of changes.
   */
  lookAgain(): void {
    const { version: nameVersion } = this.#storage.nameLock;
    if (this.#isBlind || this.#nameVersion === nameVersion) return;
    this.#stats = fs.lstatSync(this.entryPath, { throwIfNoEntry: false });
    this.#nameVersion = nameVersion;
  }

  /** From now on `path` follows renames of the directory. */
  follow(): void {
    this.#isFollowed = true;
  }

  /** Content that the name must have for the cut upload to be visible there. Octets to append are no file. */
  claim(): NameContent | undefined {
    if (this.#hasLostName || this.#base.kind === 'appended') return undefined;
    if (this.#base.kind !== 'partial') this.#held ??= contentOf(this.#stats);
    return this.#held;
  }

  /** The content of the name has changed: the upload has no claim on it any longer. */
  loseName(): void {
    this.#hasLostName = true;
  }

  /** Gives the claim up if the name holds something else. Its uploader is not to notice that where it is blind. */
  async loseNameIfTaken(): Promise<void> {
    const claim = this.#isBlind ? undefined : this.claim();
    if (claim !== undefined && !isStill(claim, await lstat(this.entryPath))) this.loseName();
  }

  /** The file that has the name is the same, with other facts. */
  contentChanged(from: NameContent, to: NameContent): void {
    if (this.#stats !== undefined && this.claim() === from) this.#held = to;
  }

  /** @throws UploadMismatchError if the file that the upload is added to has changed. */
  async requireUnchanged(): Promise<void> {
    if (this.#base.kind === 'partial' || this.#isBlind) return;
    const claim = this.claim();
    if (claim !== undefined && isStill(claim, await lstat(this.entryPath))) return;
    throw new UploadMismatchError(
      naming`${this.path} has changed while it was appended to; nothing was appended.`,
    );
  }

  /** Releases the directory. `path` stays what it was. */
  release(): void {
    this.#isFollowed = false;
    this.#directory.release();
  }
}
