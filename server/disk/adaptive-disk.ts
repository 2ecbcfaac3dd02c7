/** A call that takes longer has waited for a device or another machine, not for memory. */
const SLOW_MS = 2;

/**
 * Time of slow calls within a second after which calls go to other threads. On a busy processor single calls look slow,
 * but not for a tenth of all time.
 */
const MAX_WAITED_MS = 100;

const WINDOW_MS = 1000;

/** Time until the disk is called directly again; it grows with each failure. */
const FIRST_FALLBACK_MS = 2000;
const MAX_FALLBACK_MS = 64_000;

/**
 * Makes short calls of the disk directly while it answers at once, else on the thread pool.
 *
 * A short call to a local disk is answered from memory in microseconds; handing it to another thread
 * costs ten times as much as the call. A disk that has to be waited for must not hold up the other
 * sessions, though. So short calls are made at once as long as they return at once, and in other
 * threads for a while after they have not.
 */
export class AdaptiveDisk {
  readonly #now: () => number;
  #windowStartMs = 0;
  #waitedMs = 0;
  #fallbackMs = FIRST_FALLBACK_MS;
  #fallbackUntilMs = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Makes a short call: `atOnce` while the disk is quick, else `onThreadPool`. */
  run<Result>(atOnce: () => Result, onThreadPool: () => Promise<Result>): Promise<Result> {
    const startMs = this.#now();
    if (startMs < this.#fallbackUntilMs) return onThreadPool();
    try {
      return Promise.resolve(atOnce());
    } catch (error) {
      return Promise.reject(error);
    } finally {
      const endMs = this.#now();
      if (endMs - startMs >= SLOW_MS) this.#waited(endMs - startMs, endMs);
    }
  }

  #waited(ms: number, nowMs: number): void {
    if (nowMs - this.#windowStartMs > WINDOW_MS) {
      this.#windowStartMs = nowMs;
      this.#waitedMs = 0;
    }
    this.#waitedMs += ms;
    if (this.#waitedMs < MAX_WAITED_MS) return;
    const isAgain = nowMs - this.#fallbackUntilMs < MAX_FALLBACK_MS && this.#fallbackUntilMs > 0;
    this.#fallbackMs = isAgain
      ? Math.min(this.#fallbackMs * 2, MAX_FALLBACK_MS)
      : FIRST_FALLBACK_MS;
    this.#fallbackUntilMs = nowMs + this.#fallbackMs;
    this.#waitedMs = 0;
  }
}
