import { closeSync, openSync, write as writeWithCallback } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { inheritOwner } from '../../db/inherit-owner.ts';
import { makeDirectory } from '../disk/make-directory.ts';

const write = promisify(writeWithCallback);

/** Lines wait this long for others, so that a busy server writes many at a time. */
const FLUSH_DELAY_MS = 100;
const FLUSH_LENGTH = 64 * 1024;

/** While the disk takes nothing, lines are kept up to here; later ones are counted and lost. */
const MAX_KEPT_LENGTH = 4 * 1024 * 1024;
const RETRY_DELAY_MS = 1000;

interface LogFileOptions {
  readonly path: string;
  /** Called once when the disk stops taking lines (full, gone), until it takes some again. */
  onFailure(failure: { readonly path: string; readonly error: unknown }): void;
}

/**
 * A log file that costs its writer almost nothing: lines are buffered and written asynchronously.
 *
 * pino's own destination is not used, because it waits forever at the end of the process when the disk is full, and
 * because it closes a descriptor twice after a failed reopening.
 */
export class LogFile {
  readonly #options: LogFileOptions;
  #descriptor: number;
  /** Descriptor of a rotated file; closed when no line is on its way there. */
  readonly #staleDescriptors: number[] = [];
  #waiting = '';
  #unwritten: Buffer = Buffer.alloc(0);
  #lostLines = 0;
  #isFailing = false;
  #isClosed = false;
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @throws the system's error if the file can be neither opened nor created. */
  constructor(options: LogFileOptions) {
    this.#options = options;
    this.#descriptor = openForAppending(options.path);
  }

  write(line: string): void {
    if (this.#isClosed) return;
    if (this.#waiting.length + this.#unwritten.length > MAX_KEPT_LENGTH) {
      this.#lostLines++;
      return;
    }
    this.#waiting += line;
    if (this.#isFailing || this.#waiting.length < FLUSH_LENGTH) this.#writeLater();
    else this.#writeNow();
  }

  /** Goes on in a new file under the same name. Without one (directory gone) the old one stays. */
  reopen(): void {
    if (this.#isClosed) return;
    try {
      const descriptor = openForAppending(this.#options.path);
      this.#staleDescriptors.push(this.#descriptor);
      this.#descriptor = descriptor;
    } catch (error) {
      this.#options.onFailure({ path: this.#options.path, error });
    }
    if (this.#writing === undefined) this.#closeStale();
  }

  /** Writes what waits, as far as the disk takes it, and closes the file. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#writing;
    await this.#writeOut();
    this.#staleDescriptors.push(this.#descriptor);
    this.#closeStale();
  }

  #writeLater(): void {
    const delayMs = this.#isFailing ? RETRY_DELAY_MS : FLUSH_DELAY_MS;
    this.#timer ??= setTimeout(() => this.#writeNow(), delayMs).unref();
  }

  #writeNow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing ??= this.#writeOut().finally(() => {
      this.#writing = undefined;
      this.#closeStale();
      if (this.#hasMore() && !this.#isClosed) this.#writeLater();
    });
  }

  #hasMore(): boolean {
    return this.#waiting !== '' || this.#unwritten.length > 0;
  }

  async #writeOut(): Promise<void> {
    try {
      while (this.#hasMore()) {
        await this.#writePiece(this.#descriptor);
        this.#recover();
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Writes to one descriptor to the end, so that a rotation tears no line. */
  async #writePiece(descriptor: number): Promise<void> {
    if (this.#unwritten.length === 0) {
      this.#unwritten = Buffer.from(this.#waiting);
      this.#waiting = '';
    }
    while (this.#unwritten.length > 0) {
      const { bytesWritten } = await write(descriptor, this.#unwritten);
      this.#unwritten = this.#unwritten.subarray(bytesWritten);
    }
  }

  #fail(error: unknown): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    this.#options.onFailure({ path: this.#options.path, error });
  }

  #recover(): void {
    this.#isFailing = false;
    if (this.#lostLines === 0) return;
    const lines = this.#lostLines;
    this.#lostLines = 0;
    const time = new Date().toISOString();
    this.#waiting += `${JSON.stringify({ level: 'warn', time, lines, msg: 'log lines were lost' })}\n`;
  }

  #closeStale(): void {
    for (const descriptor of this.#staleDescriptors.splice(0)) closeSync(descriptor);
  }
}

function openForAppending(file: string): number {
  makeDirectory(path.dirname(file));
  const descriptor = openSync(file, 'a', 0o640);
  inheritOwner(descriptor, file);
  return descriptor;
}
