import type { FairTurns, TurnRequest } from '../scheduling/fair-turns.ts';
import { LineBuffer, type ReceivedLine } from './line-buffer.ts';

/** Octets that may wait; with more, the client's next ones stay in the network until these are done. */
const MAX_HELD_BYTES = 16 * 1024;

/** Lines that are looked at while a command runs, for those that overtake it. */
const MAX_LINES_AHEAD = 64;

interface CommandQueueOptions {
  readonly turns: FairTurns;
  /** Runs one command to its end. Must not fail. */
  readonly run: (line: ReceivedLine) => Promise<void>;
  /** Whether lines may overtake the running command. */
  readonly looksAhead: () => boolean;
  /** Deals at once with a line that overtakes the running command; false if it has to wait. */
  readonly overtake: (line: ReceivedLine) => boolean;
  /** Stops, or goes on with, the reading of the control connection. */
  readonly pause: () => void;
  readonly resume: () => void;
}

/**
 * Runs the commands of one session one at a time, in order.
 *
 * Lines are cut from the received octets only when they are needed, and each costs a turn that all sessions share
 * fairly: a client that sends many commands at once delays no other client.
 */
export class CommandQueue {
  readonly #options: CommandQueueOptions;
  readonly #requestTurn: TurnRequest;
  readonly #lines = new LineBuffer();
  /** Looked at while a command ran, and not able to overtake it. */
  readonly #waiting: ReceivedLine[] = [];
  readonly #onIdle: (() => void)[] = [];
  #isRunning = false;
  #isPaused = false;
  #isClosed = false;

  constructor(options: CommandQueueOptions) {
    this.#options = options;
    this.#requestTurn = options.turns.join(() => this.#takeTurn());
  }

  /** Whether a line waits for the running command to end. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Whether octets have arrived after the running command, even the start of a line. */
  get hasArrived(): boolean {
    return this.isWaiting || !this.#lines.isEmpty;
  }

  /** Whether lines have arrived that can overtake the running command. */
  get isLookingAhead(): boolean {
    return !this.#isClosed && this.#lines.hasMore && this.#waiting.length < MAX_LINES_AHEAD;
  }

  /** Number of chunks that have been received; compare with `chunkOfLine`. */
  get receivedChunks(): number {
    return this.#lines.receivedChunks;
  }

  /** Number of the chunk in which the line ended that was looked at last. */
  get chunkOfLine(): number {
    return this.#lines.chunkOfLine;
  }

  /** Resolves when nothing runs and no command waits. */
  async whenIdle(): Promise<void> {
    while (this.#isBusy) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  /** Takes in octets of the control connection. */
  receive(chunk: Buffer): void {
    if (this.#isClosed) return;
    this.#lines.push(chunk);
    if (!this.#isPaused && this.#lines.heldBytes >= MAX_HELD_BYTES) {
      this.#isPaused = true;
      this.#options.pause();
    }
    this.#requestTurn();
  }

  /** Whether a matching command is among the waiting lines. */
  includes(matches: (line: ReceivedLine) => boolean): boolean {
    return this.#waiting.some(matches);
  }

  /** Looks at what has arrived: a command that can be overtaken has begun. */
  lookAhead(): void {
    if (!this.#isClosed && this.#lines.hasMore) this.#requestTurn();
  }

  /** Drops what waits; the running command still ends by itself. */
  close(): void {
    this.#isClosed = true;
    this.#waiting.length = 0;
    this.#lines.clear();
    if (!this.#isRunning) this.#notifyIdle();
  }

  get #isBusy(): boolean {
    return this.#isRunning || this.#waiting.length > 0 || this.#lines.hasMore;
  }

  #takeTurn(): void {
    if (this.#isClosed) return;
    if (this.#isRunning) {
      this.#takeOneAhead();
      return;
    }
    const line = this.#waiting.shift() ?? this.#cut();
    if (line === undefined) this.#notifyIdle();
    else void this.#run(line);
  }

  #takeOneAhead(): void {
    if (this.#waiting.length >= MAX_LINES_AHEAD || !this.#options.looksAhead()) return;
    const line = this.#cut();
    if (line === undefined) return;
    if (!this.#options.overtake(line)) this.#waiting.push(copyOf(line));
    this.lookAhead();
  }

  async #run(line: ReceivedLine): Promise<void> {
    this.#isRunning = true;
    await this.#options.run(line);
    this.#isRunning = false;
    if (this.#isBusy) this.#requestTurn();
    else this.#notifyIdle();
  }

  #cut(): ReceivedLine | undefined {
    const line = this.#lines.next();
    if (this.#isPaused && this.#lines.heldBytes < MAX_HELD_BYTES) {
      this.#isPaused = false;
      this.#options.resume();
    }
    return line;
  }

  #notifyIdle(): void {
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}

/** A line is a window into a receive buffer that would live as long as the line waits. */
function copyOf(line: ReceivedLine): ReceivedLine {
  return Buffer.isBuffer(line) ? Buffer.from(line) : line;
}
