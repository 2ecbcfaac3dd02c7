import type { ReceivedLine } from './line-buffer.ts';

/** So many commands may wait; more, and the client's next ones stay in the network until some are done. */
const WAITING_AT_MOST = 256;

interface CommandQueueOptions {
  /** Runs one command to its end. Must not fail. */
  readonly run: (line: ReceivedLine) => Promise<void>;
  /** Stops, or goes on with, the reading of the control connection. */
  readonly pause: () => void;
  readonly resume: () => void;
}

/** Runs commands one at a time, in the order in which they came. */
export class CommandQueue {
  readonly #options: CommandQueueOptions;
  readonly #waiting: ReceivedLine[] = [];
  #running: Promise<void> | undefined;
  #isPaused = false;
  #isClosed = false;

  constructor(options: CommandQueueOptions) {
    this.#options = options;
  }

  /** Whether a command waits for the running one to end. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Resolves when nothing runs and nothing waits. */
  async whenIdle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  push(line: ReceivedLine): void {
    if (this.#isClosed) return;
    this.#waiting.push(line);
    this.#added();
  }

  /** Whether a command of some kind waits for the running one to end. */
  includes(isMeant: (line: ReceivedLine) => boolean): boolean {
    return this.#waiting.some(isMeant);
  }

  /** Drops what waits; the running command still ends by itself. */
  close(): void {
    this.#isClosed = true;
    this.#waiting.length = 0;
  }

  #added(): void {
    if (this.#waiting.length >= WAITING_AT_MOST && !this.#isPaused) {
      this.#isPaused = true;
      this.#options.pause();
    }
    this.#running ??= this.#drain();
  }

  async #drain(): Promise<void> {
    for (let line = this.#waiting.shift(); line !== undefined; line = this.#waiting.shift()) {
      await this.#options.run(line);
      if (this.#isPaused && !this.#isClosed && this.#waiting.length < WAITING_AT_MOST / 2) {
        this.#isPaused = false;
        this.#options.resume();
      }
    }
    this.#running = undefined;
  }
}
