/**
 * Calls back when a wait takes too long. One timer serves many waits: most are over long before it runs out, and a
 * timer for each of them would cost more than the check.
 */
export class Deadline {
  readonly #onMissed: () => void;
  #timer: NodeJS.Timeout | undefined;
  /** When the timer runs out, as `performance.now()`. */
  #firesMs = Infinity;
  /** When the wait has taken too long; infinite while nothing is waited for. */
  #dueMs = Infinity;

  constructor(onMissed: () => void) {
    this.#onMissed = onMissed;
  }

  /** Begins a wait, which takes the place of the one before. */
  set(ms: number): void {
    this.#dueMs = performance.now() + ms;
    if (this.#dueMs < this.#firesMs) this.#arm(ms);
  }

  /** The wait is over. */
  clear(): void {
    this.#dueMs = Infinity;
  }

  /** The same, and no timer is left. */
  stop(): void {
    this.clear();
    this.#firesMs = Infinity;
    clearTimeout(this.#timer);
  }

  #arm(ms: number): void {
    clearTimeout(this.#timer);
    this.#firesMs = performance.now() + ms;
    this.#timer = setTimeout(() => this.#fire(), ms).unref();
  }

  #fire(): void {
    this.#firesMs = Infinity;
    const restMs = this.#dueMs - performance.now();
    if (restMs === Infinity) return;
    if (restMs > 0) this.#arm(restMs);
    else {
      this.clear();
      this.#onMissed();
    }
  }
}
