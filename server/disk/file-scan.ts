import { isUtf8 } from 'node:buffer';
import { type Dirent, lstatSync, opendirSync, type Stats } from 'node:fs';
import { SliceClock } from '../scheduling/slice-clock.ts';
import type { ByteName } from '../system/byte-name.ts';
import { STAGING_DIRECTORY } from './staging-directory.ts';
import { type Unread, type VisitedDirectory, walkTree } from './tree-walk.ts';

/** Entries that one call of the system may bring. */
const READ_ENTRIES = 1024;

/** For the end of a scan that is given up. */
export const NOTHING_UNREAD: Unread = { count: 0, named: [] };

/** A plain file. */
export interface FoundFile {
  /** Below the top of the scan, with slashes between the names. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly ino: number;
  /** When its content, name or facts were last changed, by the clock of the server: no client can set it. */
  readonly changedMs: number;
  readonly modifiedMs: number;
}

/** A tree, and what is to be reported of it. */
export interface FileScan {
  readonly topPath: string;
  /** Directories below the top that are left out, with slashes between their names. */
  readonly excluded: readonly string[];
  onFile(file: FoundFile): void;
  /** Called for a directory below the top that holds nothing. */
  onEmptyDirectory(path: string, stats: Stats): void;
}

/**
 * Finds the plain files in a directory and below it, without staging directories, and its empty directories. Symbolic
 * links are not followed. Names that are not UTF-8 are left out: no pathname leads to them.
 *
 * This is a generator, which yields after each slice.
 *
 * @throws the errors of `walkTree`.
 */
export function* scanFiles(scan: FileScan): Generator<undefined, Unread> {
  const clock = new SliceClock();
  const excluded = new Set(scan.excluded.map(bytesOf));
  return yield* walkTree(scan.topPath, function* (directory) {
    const reading = new DirectoryScan(scan, directory, excluded);
    try {
      yield* reading.run(clock);
    } catch (error) {
      directory.onUnread(error);
    }
    return reading.subdirectories;
  });
}

class DirectoryScan {
  readonly subdirectories: ByteName[] = [];
  readonly #scan: FileScan;
  readonly #directory: VisitedDirectory;
  readonly #excluded: ReadonlySet<ByteName>;
  readonly #path: ByteName;

  constructor(scan: FileScan, directory: VisitedDirectory, excluded: ReadonlySet<ByteName>) {
    this.#scan = scan;
    this.#directory = directory;
    this.#excluded = excluded;
    this.#path = directory.path();
  }

  *run(clock: SliceClock): Generator<undefined, void> {
    const path = `/proc/self/fd/${this.#directory.descriptor}`;
    const entries = opendirSync(path, { encoding: 'latin1', bufferSize: READ_ENTRIES });
    let isEmpty = true;
    try {
      for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
        isEmpty = false;
        this.#report(path, entry);
        if (clock.isOver()) yield* clock.nextSlice();
      }
    } finally {
      entries.closeSync();
    }
    if (isEmpty && this.#path !== '') {
      this.#scan.onEmptyDirectory(textOf(this.#path), this.#directory.stats);
    }
  }

  #report(directoryPath: string, entry: Dirent): void {
    const { name } = entry;
    if (name === STAGING_DIRECTORY || !isUtf8(Buffer.from(name, 'latin1'))) return;
    const path = this.#path === '' ? name : `${this.#path}/${name}`;
    if (entry.isDirectory() && !this.#excluded.has(path)) this.subdirectories.push(name);
    if (!entry.isFile()) return;
    try {
      this.#reportFile(path, Buffer.from(`${directoryPath}/${name}`, 'latin1'));
    } catch (error) {
      this.#directory.onUnread(error);
    }
  }

  #reportFile(path: ByteName, diskPath: Buffer): void {
    const stats = lstatSync(diskPath, { throwIfNoEntry: false });
    if (stats?.isFile() !== true) return;
    const { size: sizeBytes, ino, ctimeMs: changedMs, mtimeMs: modifiedMs } = stats;
    this.#scan.onFile({ path: textOf(path), sizeBytes, ino, changedMs, modifiedMs });
  }
}

function bytesOf(text: string): ByteName {
  return Buffer.from(text).toString('latin1');
}

function textOf(path: ByteName): string {
  return Buffer.from(path, 'latin1').toString();
}
