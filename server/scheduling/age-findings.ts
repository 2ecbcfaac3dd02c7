const MIN_INTERVAL_MS = 100;
const MAX_INTERVAL_MS = 60_000;

/** Interval between the runs that look for what has been kept for its time. */
export function intervalFor(keepMs: number): number {
  return Math.min(Math.max(keepMs / 10, MIN_INTERVAL_MS), MAX_INTERVAL_MS);
}

/** Age of a thing, negative if its date is in the future, and the time for which it is kept. */
interface Age {
  readonly ageMs: number;
  readonly keepMs: number;
}

/**
 * Finds what has been kept for its time, by clocks that can be wrong for a moment, above all after a start: two runs in
 * a row, an interval apart, have to find a thing too old. A thing with a date in the future, because the clock was set
 * back, is over after it has been found so for the whole time for which it is kept.
 */
export class AgeFindings {
  readonly #intervalMs: number;
  /** Number of runs in a row that found each thing too old, or in the future. */
  #before = new Map<string, number>();
  #now = new Map<string, number>();

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** Call it before each run. */
  beginRun(): void {
    this.#before = this.#now;
    this.#now = new Map();
  }

  isOver(id: string, { ageMs, keepMs }: Age): boolean {
    if (ageMs >= 0 && ageMs < keepMs) return false;
    const limit = ageMs < 0 ? Math.ceil(keepMs / this.#intervalMs) : 2;
    const count = (this.#before.get(id) ?? 0) + 1;
    if (count < limit) this.#now.set(id, count);
    return count >= limit;
  }
}
