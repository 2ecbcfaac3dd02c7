import fs, { constants, type Stats } from 'node:fs';
import { lstat, openFile } from '../disk/disk.ts';
import { errnoOf } from '../disk/disk-errors.ts';
import type { HeldDirectories } from '../disk/held-directories.ts';
import type { HeldDirectory, Jail } from '../disk/jail.ts';
import { nameOf, type VirtualPath } from '../disk/virtual-path.ts';
import type { PartialEntries } from '../listing/partial-entries.ts';
import { type FileFacts, fileFacts } from '../system/file-facts.ts';
import { O_PATH } from '../system/node-internals.ts';
import { findPartial } from '../uploads/partial-places.ts';
import type { PartialUpload } from '../uploads/partial-upload.ts';
import type { WritableStorage } from '../uploads/user-storage.ts';

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
  /** Partial uploads as their owner sees them: they replace entries of the same names. */
  readonly partials: PartialEntries | undefined;
  close(): void;
}

/** An open file that the account sees under a name. */
interface VisibleFile {
  readonly descriptor: number;
  readonly stats: Stats;
  /** Ends the use of a partial upload; undefined for other files. */
  readonly release?: (() => void) | undefined;
}

/** Where an account that can write keeps its partial uploads. */
interface OwnFiles {
  readonly storage: WritableStorage;
  readonly directories: HeldDirectories;
}

/** What an account sees under its names: a partial upload of its own, or else what is there on the disk. */
export class VisibleFiles {
  readonly #jail: Jail;
  readonly #own: OwnFiles | undefined;

  /** @param own undefined for an account that can only read. */
  constructor(jail: Jail, own: OwnFiles | undefined) {
    this.#jail = jail;
    this.#own = own;
  }

  async facts(path: VirtualPath): Promise<FileFacts> {
    const partial = await this.#partialAt(path);
    const stats = partial && (await lstat(partial.diskPath));
    if (stats !== undefined) return partialFacts(path, stats);
    return fileFacts(nameOf(path), await this.#jail.stat(path));
  }

  /** Opens a plain file for reading. */
  async open(path: VirtualPath): Promise<VisibleFile> {
    const partial = await this.#partialAt(path);
    if (partial === undefined || this.#own === undefined) return this.#jail.openFile(path);
    const { partials } = this.#own.storage;
    const release = partials.read(partial);
    try {
      const descriptor = await openFile(partial.diskPath, O_RDONLY | O_NOFOLLOW);
      return { descriptor, stats: fs.fstatSync(descriptor), release };
    } catch (error) {
      // It has just been dropped or published.
      if (errnoOf(error) === 'ENOENT' && partials.get(partial.id) !== partial) {
        release();
        return this.open(path);
      }
      release();
      throw error;
    }
  }

  /** Opens a file or directory without rights to its content. */
  async hold(path: VirtualPath): Promise<number> {
    const partial = await this.#partialAt(path);
    if (partial === undefined) return this.#jail.hold(path);
    return openFile(partial.diskPath, O_PATH | O_NOFOLLOW);
  }

  /** Opens a file or directory whose facts are to be changed. */
  async openAny(path: VirtualPath): Promise<number> {
    const facts = await this.facts(path);
    if (facts.kind === 'file') {
      const { descriptor, release } = await this.open(path);
      release?.();
      return descriptor;
    }
    const { descriptor } = await this.#jail.holdDirectory(path);
    return descriptor;
  }

  /** Partial uploads with a name in a directory; undefined if there are none. */
  async partialsIn(held: HeldDirectory): Promise<PartialEntries | undefined> {
    const space = this.#own?.storage.space;
    if (space === undefined || space.partials.isEmpty) return undefined;
    const place = this.#jail.nameOfHeld(held);
    if (place === undefined) return undefined;
    const encoded = await space.partials.encodedIn(place);
    return encoded && { encoded, stagingPath: space.stagingPath };
  }

  /** The partial upload that the account sees at a path. */
  async #partialAt(path: VirtualPath): Promise<PartialUpload | undefined> {
    return this.#own && findPartial(this.#own, path);
  }
}

function partialFacts(path: VirtualPath, stats: Stats): FileFacts {
  return { ...fileFacts(nameOf(path), stats), isPartial: true };
}
