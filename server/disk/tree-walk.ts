import { closeSync, constants, fstatSync, openSync, type Stats } from 'node:fs';
import type { ByteName } from '../system/byte-name.ts';
import { isSameFile } from './same-file.ts';

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
const OPEN_DIRECTORY = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK;

/** Directories on the way down that stay open; to return to one further up costs a step through `..`. */
const OPEN_LEVELS = 32;

/** Directories that could not be read are named in messages up to this number. */
const MAX_NAMED = 10;

/** Errors of the process, which say nothing about a directory. */
const PROCESS_ERRORS = new Set(['EMFILE', 'ENFILE', 'ENOMEM']);

/** No error: the name was removed, or is no longer a directory. */
const GONE_ERRORS = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);

/** A directory during its visit. */
export interface VisitedDirectory {
  readonly descriptor: number;
  readonly stats: Stats;
  /** Length of its path below the top, with a slash for each level; 0 for the top. */
  readonly pathBytes: number;
  /** Its path below the top, with slashes between the names; empty for the top. */
  path(): ByteName;
  /** Notes that something in the directory could not be read. */
  onUnread(error: unknown): void;
}

/** Does the work in one directory, in slices, and returns the names of its subdirectories. */
export type VisitDirectory = (directory: VisitedDirectory) => Generator<undefined, ByteName[]>;

/** A directory that could not be read, or not all of it. */
interface UnreadDirectory {
  /** Below the top, with its slashes; shortened at the front. */
  readonly path: string;
  readonly code: string;
}

/** The directories that a walk could not read. */
export interface Unread {
  readonly count: number;
  /** The first of them. */
  readonly named: readonly UnreadDirectory[];
}

interface Level {
  /** Undefined while it is closed to save descriptors; never for the deepest level and the top. */
  descriptor: number | undefined;
  readonly name: ByteName;
  readonly stats: Stats;
  readonly pathBytes: number;
  /** Subdirectories still to be visited. */
  pending: ByteName[];
}

/**
 * Visits a directory and everything below it, each entry through the descriptor of its parent: depth does not matter,
 * and no symbolic link is followed, even if one is created during the walk. Skips what it cannot read.
 *
 * This is a generator, which yields after each slice of its visitor.
 *
 * @throws the system's error if the process has no descriptors or no memory left.
 */
export function* walkTree(topPath: string, visit: VisitDirectory): Generator<undefined, Unread> {
  const walk = new TreeWalk(visit);
  try {
    yield* walk.enter(topPath, '');
    for (let name = walk.next(); name !== undefined; name = walk.next()) {
      yield* walk.enter(walk.pathOf(name), name);
    }
    return walk.unread;
  } finally {
    walk.close();
  }
}

class TreeWalk {
  readonly #visit: VisitDirectory;
  readonly #levels: Level[] = [];
  readonly #named: UnreadDirectory[] = [];
  #unreadCount = 0;

  constructor(visit: VisitDirectory) {
    this.#visit = visit;
  }

  get unread(): Unread {
    return { count: this.#unreadCount, named: this.#named };
  }

  /** The next subdirectory of the deepest level that has one; undefined at the end. */
  next(): ByteName | undefined {
    for (let level = this.#levels.at(-1); level !== undefined; level = this.#levels.at(-1)) {
      const name = level.pending.pop();
      if (name !== undefined) return name;
      this.#leave();
    }
    return undefined;
  }

  /** Prefix of the path of a name in the deepest level. */
  pathOf(name: ByteName): Buffer {
    return Buffer.from(`/proc/self/fd/${this.#levels.at(-1)?.descriptor}/${name}`, 'latin1');
  }

  *enter(path: Buffer | string, name: ByteName): Generator<undefined, void> {
    const descriptor = this.#open(path, name);
    if (descriptor === undefined) return;
    const above = this.#levels.at(-1);
    const stats = fstatSync(descriptor);
    const pathBytes = above === undefined ? 0 : above.pathBytes + 1 + name.length;
    const level: Level = { descriptor, name, stats, pathBytes, pending: [] };
    this.#levels.push(level);
    this.#closeFarAbove();
    // A directory counts once, however many of its entries cannot be read.
    let noted = false;
    const onUnread = (error: unknown) => {
      if (!noted) this.#note('', error);
      noted = true;
    };
    const pathBelowTop = () => this.#path;
    const directory = { descriptor, stats, pathBytes, path: pathBelowTop, onUnread };
    level.pending = yield* this.#visit(directory);
  }

  /** Of the deepest level. */
  get #path(): ByteName {
    return this.#levels
      .slice(1)
      .map(({ name }) => name)
      .join('/');
  }

  close(): void {
    for (const { descriptor } of this.#levels) {
      if (descriptor !== undefined) closeSync(descriptor);
    }
    this.#levels.length = 0;
  }

  #open(path: Buffer | string, name: ByteName): number | undefined {
    try {
      return openSync(path, OPEN_DIRECTORY);
    } catch (error) {
      if (!GONE_ERRORS.has(codeOf(error))) this.#note(name, error);
      return undefined;
    }
  }

  #closeFarAbove(): void {
    const index = this.#levels.length - 1 - OPEN_LEVELS;
    const level = index > 0 ? this.#levels[index] : undefined;
    if (level?.descriptor === undefined) return;
    closeSync(level.descriptor);
    level.descriptor = undefined;
  }

  #leave(): void {
    const level = this.#levels.pop();
    const above = this.#levels.at(-1);
    try {
      if (above !== undefined && above.descriptor === undefined) this.#reopen(above, level);
    } finally {
      if (level?.descriptor !== undefined) closeSync(level.descriptor);
    }
  }

  /** Goes up through `..`. If the directory has been moved elsewhere, the rest of its former parent is not read. */
  #reopen(above: Level, below: Level | undefined): void {
    try {
      const descriptor = openSync(`/proc/self/fd/${below?.descriptor}/..`, OPEN_DIRECTORY);
      above.descriptor = descriptor;
      if (isSameFile(fstatSync(descriptor), above.stats)) return;
      this.#note('', Object.assign(new Error('moved'), { code: 'ESTALE' }));
    } catch (error) {
      this.#note('', error);
    }
    this.#abandonToOpen();
  }

  #abandonToOpen(): void {
    for (let level = this.#levels.at(-1); level !== undefined; level = this.#levels.at(-1)) {
      const isReliable = level.descriptor !== undefined && this.#isSame(level);
      if (isReliable) return;
      if (level.descriptor !== undefined) closeSync(level.descriptor);
      this.#levels.pop();
    }
  }

  #isSame({ descriptor, stats }: Level): boolean {
    return isSameFile(fstatSync(descriptor ?? -1), stats);
  }

  #note(name: ByteName, error: unknown): void {
    const code = codeOf(error);
    if (PROCESS_ERRORS.has(code)) throw error;
    this.#unreadCount += 1;
    if (this.#named.length >= MAX_NAMED) return;
    const names = [...this.#levels.slice(1).map((level) => level.name), name];
    const path = `/${names.filter((one) => one !== '').join('/')}`;
    this.#named.push({ path: shortened(Buffer.from(path, 'latin1').toString()), code });
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown';
}

const MAX_NAMED_PATH = 200;

function shortened(path: string): string {
  return path.length > MAX_NAMED_PATH ? `...${path.slice(-MAX_NAMED_PATH)}` : path;
}
