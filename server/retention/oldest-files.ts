import type { Usage } from '../../db/quota-repository.ts';
import type { FoundFile } from '../disk/file-scan.ts';
import type { OldestFilesFound } from '../disk/oldest-files-task.ts';

/** A scan that has brought no file that could be deleted is repeated after this multiple of its own time. */
const FRUITLESS_PAUSE = 10;

/** The next scan begins when this part of the files is left, so that uploads need not wait for it. */
const AHEAD_PART = 0.25;

const NOTHING_FOUND: OldestFilesFound = { files: [], totalFiles: 0, totalBytes: 0 };

/**
 * The oldest files of a rule, from a scan that is repeated when they are used up: what has come since is newer. They may
 * have been changed or deleted since.
 */
export class OldestFiles {
  readonly #scan: () => Promise<OldestFilesFound>;
  #found = NOTHING_FOUND;
  #next = 0;
  #nextScanMs = 0;
  #mayScan = true;
  /** A scan that was begun before it is needed. */
  #ahead: Promise<OldestFilesFound> | undefined;

  constructor(scan: () => Promise<OldestFilesFound>) {
    this.#scan = scan;
  }

  /** Call it before each search for room: files that were in use may no longer be. */
  begin(): void {
    if (performance.now() >= this.#nextScanMs) this.#mayScan = true;
  }

  /** The next file; undefined if there is none, or if those of the last scan are all in use. */
  async next(): Promise<FoundFile | undefined> {
    if (this.#left === 0 && this.#mayScan) await this.#look();
    const file = this.#found.files[this.#next];
    if (file === undefined) return undefined;
    this.#next += 1;
    if (this.#isNearlyUsedUp) this.#lookAhead();
    return file;
  }

  /** The last file that `next` has returned is deleted. */
  deleted(): void {
    this.#mayScan = true;
  }

  /** Whether the files hold as much, by the present scan or, if that shows too little, by another one. */
  async canFree(missing: Usage): Promise<boolean> {
    if (this.#holds(missing)) return true;
    if (this.#mayScan) await this.#look();
    const { totalBytes: bytes, totalFiles: entries } = this.#found;
    return bytes >= missing.bytes && entries >= missing.entries;
  }

  #holds(missing: Usage): boolean {
    let bytes = 0;
    for (let index = this.#next; index < this.#found.files.length; index += 1) {
      bytes += this.#found.files[index]?.sizeBytes ?? 0;
      if (bytes >= missing.bytes && index + 1 - this.#next >= missing.entries) return true;
    }
    return false;
  }

  get #left(): number {
    return this.#found.files.length - this.#next;
  }

  /** Of a tree that has more files. */
  get #isNearlyUsedUp(): boolean {
    const { files, totalFiles } = this.#found;
    return totalFiles > files.length && this.#left < AHEAD_PART * files.length;
  }

  #lookAhead(): void {
    if (this.#ahead !== undefined) return;
    this.#ahead = this.#scan();
    // It fails when it is needed.
    this.#ahead.catch(() => {});
  }

  async #look(): Promise<void> {
    const startedMs = performance.now();
    const scanning = this.#ahead ?? this.#scan();
    this.#ahead = undefined;
    this.#found = await scanning;
    this.#next = 0;
    this.#mayScan = false;
    const endedMs = performance.now();
    this.#nextScanMs = endedMs + FRUITLESS_PAUSE * (endedMs - startedMs);
  }
}
