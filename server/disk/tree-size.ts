import { type Dirent, lstatSync, opendirSync, type Stats } from 'node:fs';
import { SliceClock } from '../scheduling/slice-clock.ts';
import type { ByteName } from '../system/byte-name.ts';
import { STAGING_DIRECTORY } from './staging-directory.ts';
import { type Unread, type VisitedDirectory, walkTree } from './tree-walk.ts';

/** Entries that one call of the system may bring. */
const READ_ENTRIES = 1024;

/** Directories that a memo holds at most. */
const MAX_REMEMBERED = 200_000;

/** A directory that changed this recently before it was read can change again without another time stamp. */
const SETTLED_AFTER_MS = 2000;

/** The size of a tree. */
export interface TreeSize {
  /** Files, directories and links of every kind below the top. */
  readonly entries: number;
  /** Sizes of all plain files that could be read, in bytes. */
  readonly sizeBytes: number;
  readonly unread: Unread;
}

interface DirectorySize {
  readonly entries: number;
  readonly sizeBytes: number;
  readonly subdirectories: readonly ByteName[];
}

/**
 * Results of a walk by directory, for the next walk of the same tree: a directory with the same time stamps is not read
 * again. Changes inside files do not show; `forget` makes the next walk read everything.
 */
export class TreeMemo {
  readonly #directories = new Map<string, DirectorySize>();

  find(stats: Stats): DirectorySize | undefined {
    return this.#directories.get(keyOf(stats));
  }

  remember(stats: Stats, size: DirectorySize): void {
    if (this.#directories.size < MAX_REMEMBERED) this.#directories.set(keyOf(stats), size);
  }

  forget(): void {
    this.#directories.clear();
  }
}

function keyOf({ dev, ino, mtimeMs, ctimeMs }: Stats): string {
  return `${dev} ${ino} ${mtimeMs} ${ctimeMs}`;
}

/**
 * Sizes of all plain files in and below a directory, and the number of all entries, without staging directories below
 * it; nothing if the directory does not exist. Symbolic links have no size. Files that appear or disappear during the walk may be counted or not.
 *
 * @throws the errors of `walkTree`.
 */
export function* treeSize(topPath: string, memo?: TreeMemo): Generator<undefined, TreeSize> {
  const clock = new SliceClock();
  let [sizeBytes, entries] = [0, 0];
  const unread = yield* walkTree(topPath, function* (directory) {
    const found = memo?.find(directory.stats);
    const size = found ?? (yield* readDirectory(directory, { clock, memo }));
    sizeBytes += size.sizeBytes;
    entries += size.entries;
    if (clock.isOver()) yield* clock.nextSlice();
    return [...size.subdirectories];
  });
  return { sizeBytes, entries, unread };
}

function* readDirectory(
  directory: VisitedDirectory,
  { clock, memo }: { readonly clock: SliceClock; readonly memo: TreeMemo | undefined },
): Generator<undefined, DirectorySize> {
  const { stats } = directory;
  const isSettled = Date.now() - Math.max(stats.mtimeMs, stats.ctimeMs) > SETTLED_AFTER_MS;
  const reading = new DirectoryReading(directory);
  try {
    yield* reading.run(clock);
    if (isSettled) memo?.remember(stats, reading);
  } catch (error) {
    directory.onUnread(error);
  }
  return reading;
}

class DirectoryReading implements DirectorySize {
  readonly subdirectories: ByteName[] = [];
  sizeBytes = 0;
  entries = 0;
  readonly #directory: VisitedDirectory;

  constructor(directory: VisitedDirectory) {
    this.#directory = directory;
  }

  /** @throws the first error, after all that can be read. */
  *run(clock: SliceClock): Generator<undefined, void> {
    const path = `/proc/self/fd/${this.#directory.descriptor}`;
    const entries = opendirSync(path, { encoding: 'latin1', bufferSize: READ_ENTRIES });
    let failure: unknown;
    try {
      for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
        failure = this.#count(path, entry) ?? failure;
        if (clock.isOver()) yield* clock.nextSlice();
      }
    } finally {
      entries.closeSync();
    }
    if (failure !== undefined) throw failure;
  }

  /** @returns the error of an entry without facts. */
  #count(path: string, entry: Dirent): unknown {
    if (entry.name === STAGING_DIRECTORY) return undefined;
    this.entries += 1;
    if (entry.isDirectory()) this.subdirectories.push(entry.name);
    if (!entry.isFile()) return undefined;
    try {
      const entryPath = Buffer.from(`${path}/${entry.name}`, 'latin1');
      const stats = lstatSync(entryPath, { throwIfNoEntry: false });
      if (stats?.isFile() === true) this.sizeBytes += stats.size;
      return undefined;
    } catch (error) {
      return error;
    }
  }
}
