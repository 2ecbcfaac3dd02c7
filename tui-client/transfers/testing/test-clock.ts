import type { Clock } from '../queue/clock.ts';

/** A clock whose waits are over at once, one after the other, and that remembers how long they were. */
export class TestClock implements Clock {
  readonly waitedMs: number[] = [];
  #nowMs = 1_700_000_000_000;

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, task: () => void): () => void {
    const immediate = setImmediate(() => {
      this.#nowMs += delayMs;
      this.waitedMs.push(delayMs);
      task();
    });
    return () => clearImmediate(immediate);
  }

  /** Waits of a second and more: those before something is tried again. */
  get backOffsMs(): readonly number[] {
    return this.waitedMs.filter((delayMs) => delayMs >= 1000);
  }
}
