/** Up to this, time without octets is made up for: timers are late, and reading and writing take time. */
const CREDIT_MS = 250;

/** A rate that several transfers may share: a queue in which octets take their time one after another. */
export class RateBucket {
  readonly #bytesPerS: () => number;
  /** When the octets that were reserved last have had their time. */
  #freeAtMs = Number.NEGATIVE_INFINITY;

  /** @param bytesPerS the rate at the moment; 0 sets no limit. */
  constructor(bytesPerS: () => number) {
    this.#bytesPerS = bytesPerS;
  }

  get bytesPerS(): number {
    return this.#bytesPerS();
  }

  /** Reserves the time of some octets. @returns when it is over. */
  reserve(bytes: number, nowMs: number): number {
    const bytesPerS = this.#bytesPerS();
    if (bytesPerS === 0) return nowMs;
    // After a longer pause nothing is made up for, or the first session would have it for itself.
    const startMs = this.#freeAtMs < nowMs - CREDIT_MS ? nowMs : this.#freeAtMs;
    this.#freeAtMs = startMs + (bytes * 1000) / bytesPerS;
    return this.#freeAtMs;
  }
}
