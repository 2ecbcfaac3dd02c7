import type { Usage } from '../../db/quota-repository.ts';
import type { FoundFile } from '../disk/file-scan.ts';
import type { OldestFilesFound } from '../disk/oldest-files-task.ts';

/** A scan that has brought no file that could be deleted is repeated after this multiple of its own time. */
const FRUITLESS_PAUSE = 10;

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
  #hasDeleted = false;

  constructor(scan: () => Promise<OldestFilesFound>) {
    this.#scan = scan;
  }

  /** The next file; undefined if there is none, or if those of the last scan are all in use. */
  async next(): Promise<FoundFile | undefined> {
    if (this.#next === this.#found.files.length && this.#isWorthScanning) await this.#look();
    const file = this.#found.files[this.#next];
    if (file !== undefined) this.#next += 1;
    return file;
  }

  /** The last file that `next` has returned is deleted. */
  deleted(): void {
    this.#hasDeleted = true;
  }

  /** Whether the files hold as much, by the present scan or, if that shows too little, by another one. */
  async canFree(missing: Usage): Promise<boolean> {
    if (this.#holds(missing)) return true;
    if (this.#isWorthScanning) await this.#look();
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

  get #isWorthScanning(): boolean {
    return this.#hasDeleted || performance.now() >= this.#nextScanMs;
  }

  async #look(): Promise<void> {
    const startedMs = performance.now();
    this.#found = await this.#scan();
    this.#next = 0;
    this.#hasDeleted = false;
    const endedMs = performance.now();
    this.#nextScanMs = endedMs + FRUITLESS_PAUSE * (endedMs - startedMs);
  }
}
