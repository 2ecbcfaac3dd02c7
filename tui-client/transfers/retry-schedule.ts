import { backOffMs, MOST_TRIES } from './back-off.ts';
import type { Clock } from './clock.ts';

/** When jobs that failed may be tried again, and when anybody may try at all. */
export class RetrySchedule {
  readonly #clock: Clock;
  readonly #onReady: (ids: readonly string[]) => void;
  readonly #waits = new Map<string, () => void>();
  #closed: (() => void) | undefined;
  #failuresInRow = 0;

  constructor(clock: Clock, onReady: (ids: readonly string[]) => void) {
    this.#clock = clock;
    this.#onReady = onReady;
  }

  /** While nobody gets through, nobody tries: one after the other is enough to learn when it works again. */
  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /** Whether nobody has got through as often as one job may fail. */
  get isHopeless(): boolean {
    return this.#failuresInRow >= MOST_TRIES - 1;
  }

  isWaiting(id: string): boolean {
    return this.#waits.has(id);
  }

  postpone(id: string, failures: number): void {
    const callOff = this.#clock.after(backOffMs(failures), () => {
      this.#waits.delete(id);
      this.#onReady([id]);
    });
    this.#waits.set(id, callOff);
  }

  callOff(id: string): void {
    this.#waits.get(id)?.();
    this.#waits.delete(id);
  }

  close(): void {
    if (this.#closed !== undefined) return;
    this.#failuresInRow++;
    this.#closed = this.#clock.after(backOffMs(this.#failuresInRow), () => {
      this.#closed = undefined;
      this.#onReady([]);
    });
  }

  /** Somebody got through. */
  noteSuccess(): void {
    this.#failuresInRow = 0;
  }

  /** Now, whatever was to be waited for. */
  openAtOnce(): void {
    this.#closed?.();
    this.#closed = undefined;
    this.#failuresInRow = 0;
    const ids = [...this.#waits.keys()];
    for (const id of ids) this.callOff(id);
    this.#onReady(ids);
  }
}
