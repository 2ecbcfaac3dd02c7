import fs, { constants, type Stats } from 'node:fs';
import { lstat, openFile } from '../disk/disk.ts';
import { errnoOf } from '../disk/disk-errors.ts';
import type { HeldDirectories } from '../disk/held-directories.ts';
import type { HeldDirectory, Jail } from '../disk/jail.ts';
import { nameOf, type VirtualPath } from '../disk/virtual-path.ts';
import { veiledFacts } from '../listing/entry-permissions.ts';
import type { PartialEntries } from '../listing/partial-entries.ts';
import { type FileFacts, fileFacts } from '../system/file-facts.ts';
import { O_PATH } from '../system/node-internals.ts';
import { findPartial } from '../uploads/partial-places.ts';
import type { PartialUpload } from '../uploads/partial-upload.ts';
import type { LiveAccess } from '../uploads/upload-policy.ts';
import type { WritableStorage } from '../uploads/user-storage.ts';
import type { Access } from './access.ts';
import type { Act } from './acts.ts';

const { O_RDONLY, O_NOFOLLOW } = constants;

/** A plain file, open for reading; `close` must be called once. */
export interface ReadableFile {
  readonly path: VirtualPath;
  readonly descriptor: number;
  readonly stats: Stats;
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
  readonly access: LiveAccess<Access>;
}

/** What an account sees under its names: a partial upload of its own, or else what is there on the disk. */
export class VisibleFiles {
  readonly #jail: Jail;
  readonly #access: LiveAccess<Access>;
  readonly #own: OwnFiles | undefined;

  /** @param own undefined for a storage that cannot be written to. */
  constructor(jail: Jail, access: LiveAccess<Access>, own: OwnFiles | undefined) {
    this.#jail = jail;
    this.#access = access;
    this.#own = own;
  }

  async facts(path: VirtualPath, act: Act): Promise<FileFacts> {
    this.#access.current.require(act, path);
    const partial = await this.#partialAt(path, act);
    const stats = partial && (await lstat(partial.diskPath));
    if (stats !== undefined) return partialFacts(path, stats);
    const held = await this.#jail.stat(path, this.#placeCheck(act, path));
    return veiledFacts(this.#access.current.rules, path, fileFacts(nameOf(path), held));
  }

  /** The facts of a file whose size the client asks for: one that it may read, or an upload that it may resume. */
  async sizeFacts(path: VirtualPath): Promise<FileFacts> {
    const access = this.#access.current;
    if (access.may('read', path) || !access.may('create', path)) return this.facts(path, 'read');
    const partial = this.#own && (await findPartial(this.#own, path));
    const stats = partial && (await lstat(partial.diskPath));
    return stats === undefined ? this.facts(path, 'read') : partialFacts(path, stats);
  }

  /** Opens a plain file, for reading. */
  async open(path: VirtualPath, act: Act): Promise<VisibleFile> {
    this.#access.current.require(act, path);
    const partial = await this.#partialAt(path, act);
    if (partial === undefined || this.#own === undefined)
      return this.#jail.openFile(path, this.#placeCheck(act, path));
    const { partials } = this.#own.storage;
    const release = partials.read(partial);
    try {
      const descriptor = await openFile(partial.diskPath, O_RDONLY | O_NOFOLLOW);
      return { descriptor, stats: fs.fstatSync(descriptor), release };
    } catch (error) {
      // It has just been dropped or published.
      if (errnoOf(error) === 'ENOENT' && partials.get(partial.id) !== partial) {
        release();
        return this.open(path, act);
      }
      release();
      throw error;
    }
  }

  /** Opens a file or directory without rights to its content. */
  async hold(path: VirtualPath, act: Act): Promise<number> {
    this.#access.current.require(act, path);
    const partial = await this.#partialAt(path, act);
    if (partial === undefined) return this.#jail.hold(path, this.#placeCheck(act, path));
    return openFile(partial.diskPath, O_PATH | O_NOFOLLOW);
  }

  /** Opens a file or directory whose facts are to be changed. */
  async openAny(path: VirtualPath, act: Act): Promise<number> {
    const facts = await this.facts(path, act);
    if (facts.kind === 'file') {
      const { descriptor, release } = await this.open(path, act);
      release?.();
      return descriptor;
    }
    const { descriptor } = await this.#jail.holdDirectory(path, this.#placeCheck(act, path));
    return descriptor;
  }

  /** Partial uploads with a name in a directory; undefined if there are none. */
  async partialsIn(held: HeldDirectory): Promise<PartialEntries | undefined> {
    const space = this.#own?.storage.space;
    if (space === undefined || space.partials.isEmpty) return undefined;
    // An anonymous client would see those of others.
    const { origin, seesPartials } = this.#access.current;
    if (origin !== undefined || !seesPartials) return undefined;
    const place = this.#jail.nameOfHeld(held);
    if (place === undefined) return undefined;
    const encoded = await space.partials.encodedIn(place);
    const { partialsPath, runningPath } = space.staging;
    const stagingPaths = [partialsPath, runningPath];
    return encoded && { encoded, stagingPaths };
  }

  /** The partial upload that the account sees at a path. */
  async #partialAt(path: VirtualPath, act: Act): Promise<PartialUpload | undefined> {
    const partial = this.#own && (await findPartial(this.#own, path));
    if (partial !== undefined) this.#placeCheck(act, path)?.(partial.path);
    return partial;
  }

  #placeCheck(act: Act, path: VirtualPath) {
    return this.#access.current.placeCheck(act, path);
  }
}

function partialFacts(path: VirtualPath, stats: Stats): FileFacts {
  return { ...fileFacts(nameOf(path), stats), isPartial: true };
}
