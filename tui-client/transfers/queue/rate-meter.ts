/** How much of an old rate stays after a second. */
const KEPT_PER_SECOND = 0.5;

/** Bytes per second of each running job, smoothed. */
export class RateMeter {
  readonly #now: () => number;
  readonly #jobs = new Map<string, { doneBytes: number; atMs: number; rate: number }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** From where a job counts. */
  start(id: string, doneBytes: number): void {
    this.#jobs.set(id, { doneBytes, atMs: this.#now(), rate: 0 });
  }

  measure(id: string, doneBytes: number): void {
    const before = this.#jobs.get(id);
    const atMs = this.#now();
    if (before === undefined || atMs <= before.atMs) return;
    const seconds = (atMs - before.atMs) / 1000;
    const latest = Math.max(0, doneBytes - before.doneBytes) / seconds;
    const kept = before.rate === 0 ? 0 : KEPT_PER_SECOND ** seconds;
    const rate = before.rate * kept + latest * (1 - kept);
    this.#jobs.set(id, { doneBytes, atMs, rate });
  }

  stop(id: string): void {
    this.#jobs.delete(id);
  }

  rates(): ReadonlyMap<string, number> {
    return new Map([...this.#jobs].map(([id, { rate }]) => [id, rate]));
  }
}
