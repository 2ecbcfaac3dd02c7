import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from './random.ts';

/** Steps of clients behind which the server has something to put in place. */
export type Step = 'data ended' | 'rename sent' | 'delete sent' | 'data cut' | 'resume begun';

const STEPS = ['data ended', 'data ended', 'rename sent', 'delete sent', 'data cut'] as const;

const LATEST_MS = 1200;

/** Chooses when the server is killed: at any time, or right after a step of some client. */
export class KillMoment {
  readonly description: string;
  readonly #step: Step | undefined;
  readonly #afterMs: number;
  #stepsLeft: number;
  #come: () => void = () => {};
  readonly #stepCame: Promise<void>;

  constructor(random: Random) {
    this.#step = random.chance(0.5) ? random.pick(STEPS) : undefined;
    this.#stepsLeft = 1 + random.below(30);
    this.#afterMs = this.#step === undefined ? 20 + random.below(700) : random.below(4);
    this.#stepCame = new Promise((resolve) => {
      this.#come = resolve;
    });
    this.description =
      this.#step === undefined
        ? `after ${this.#afterMs} ms`
        : `${this.#afterMs} ms after "${this.#step}" number ${this.#stepsLeft}`;
  }

  passed(step: Step): void {
    if (step !== this.#step) return;
    this.#stepsLeft -= 1;
    if (this.#stepsLeft === 0) this.#come();
  }

  /** Resolves when it is time. A step that does not come is not waited for. */
  async wait(): Promise<void> {
    const latest = new AbortController();
    if (this.#step !== undefined) {
      const tooLate = delay(LATEST_MS, undefined, { signal: latest.signal }).catch(() => {});
      await Promise.race([this.#stepCame, tooLate]);
      latest.abort();
    }
    await delay(this.#afterMs);
  }
}
