import { backOffMs, MAX_TRIES } from './back-off.ts';
import type { Clock } from './clock.ts';

/** Something that is to be done later. */
interface Wait {
  /** As `Clock.now()`. */
  readonly dueMs: number;
  readonly callOff: () => void;
}

/** The next job that is tried again. */
export interface NextTry {
  readonly id: string;
  /** As `Clock.now()`; infinite while nothing is tried. */
  readonly dueMs: number;
}

/** When jobs that failed may be tried again, and when anybody may try at all. */
export class RetrySchedule {
  readonly #clock: Clock;
  readonly #onReady: (ids: readonly string[]) => void;
  readonly #waits = new Map<string, Wait>();
  #closed: Wait | undefined;
  #failuresInRow = 0;

  constructor(clock: Clock, onReady: (ids: readonly string[]) => void) {
    this.#clock = clock;
    this.#onReady = onReady;
  }

  /** While the server cannot be reached, jobs try one at a time: one is enough to learn when it works again. */
  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /** Whether no job has succeeded for as many failures as one job may have. */
  get isHopeless(): boolean {
    return this.#failuresInRow >= MAX_TRIES - 1;
  }

  isWaiting(id: string): boolean {
    return this.#waits.has(id);
  }

  /** The job that is due first. If retries are closed, it is due when that ends. */
  get nextTry(): NextTry | undefined {
    const opensMs = this.#closed?.dueMs ?? 0;
    let next: NextTry | undefined;
    for (const [id, wait] of this.#waits) {
      const dueMs = Math.max(wait.dueMs, opensMs);
      if (next === undefined || dueMs < next.dueMs) next = { id, dueMs };
    }
    return next;
  }

  postpone(id: string, failures: number): void {
    const wait = this.#wait(backOffMs(failures), () => {
      this.#waits.delete(id);
      this.#onReady([id]);
    });
    this.#waits.set(id, wait);
  }

  callOff(id: string): void {
    this.#waits.get(id)?.callOff();
    this.#waits.delete(id);
  }

  close(): void {
    if (this.#closed !== undefined) return;
    this.#failuresInRow++;
    this.#closed = this.#wait(backOffMs(this.#failuresInRow), () => {
      this.#closed = undefined;
      this.#onReady([]);
    });
  }

  /** Closes retries until `openAtOnce`. */
  shut(): void {
    this.#closed?.callOff();
    this.#closed = { dueMs: Number.POSITIVE_INFINITY, callOff: () => {} };
  }

  /** A job has succeeded. */
  noteSuccess(): void {
    this.#failuresInRow = 0;
  }

  /** Now, whatever was to be waited for. */
  openAtOnce(): void {
    this.#closed?.callOff();
    this.#closed = undefined;
    this.#failuresInRow = 0;
    const ids = [...this.#waits.keys()];
    for (const id of ids) this.callOff(id);
    this.#onReady(ids);
  }

  #wait(delayMs: number, task: () => void): Wait {
    return { dueMs: this.#clock.now() + delayMs, callOff: this.#clock.after(delayMs, task) };
  }
}
