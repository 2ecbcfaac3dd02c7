import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from './random.ts';

/** Steps of clients behind which the server has something to put in place. */
export type Step = 'data ended' | 'rename sent' | 'delete sent' | 'data cut' | 'resume begun';

const STEPS = ['data ended', 'data ended', 'rename sent', 'delete sent', 'data cut'] as const;

/** Calls of the file system, and how many of them may go well before the last. */
const CALLS = [
  ['rename', 40],
  ['rename', 40],
  ['unlink', 30],
  ['link', 4],
  ['truncate', 12],
  ['mkdir', 6],
  ['write', 400],
  ['any', 500],
] as const;

/** What does not come by then is not waited for. */
const LATEST_MS = 1500;

/** When a server dies: at some time, right after a step of some client, or in the middle of a step of its own. */
export class KillMoment {
  readonly description: string;
  /** For the fault injector, if the server is to end at a call of the file system. */
  readonly rule: string | undefined;
  readonly #step: Step | undefined;
  readonly #afterMs: number;
  #stepsLeft: number;
  #come: () => void = () => {};
  readonly #stepCame: Promise<void>;

  constructor(random: Random, { canInject }: { canInject: boolean }) {
    const kind = random.weighted({ time: 3, step: 3, call: canInject ? 5 : 0 });
    this.#stepsLeft = 1 + random.below(30);
    this.#stepCame = new Promise((resolve) => {
      this.#come = resolve;
    });
    this.#step = kind === 'step' ? random.pick(STEPS) : undefined;
    this.rule = kind === 'call' ? ruleFor(random) : undefined;
    this.#afterMs = momentMs(kind, random);
    this.description =
      this.#step === undefined
        ? (this.rule ?? `after ${this.#afterMs} ms`)
        : `${this.#afterMs} ms after "${this.#step}" number ${this.#stepsLeft}`;
  }

  passed(step: Step): void {
    if (step !== this.#step) return;
    this.#stepsLeft -= 1;
    if (this.#stepsLeft === 0) this.#come();
  }

  /** Resolves when it is time, or the server has ended by itself. */
  async wait(serverIsGone: Promise<void>): Promise<void> {
    const latest = new AbortController();
    const { signal } = latest;
    const time = (ms: number) => delay(ms, undefined, { signal }).catch(() => {});
    if (this.#step !== undefined) {
      await Promise.race([this.#stepCame, time(LATEST_MS), serverIsGone]);
    }
    await Promise.race([time(this.#afterMs), serverIsGone]);
    latest.abort();
  }
}

/** A rule by which the server ends right before or after a call. */
export function ruleFor(random: Random): string {
  const [call, passes] = random.pick(CALLS);
  return `${call} ${random.pick(['die-before', 'die-after'])} ${random.below(passes)}`;
}

function momentMs(kind: 'time' | 'step' | 'call', random: Random): number {
  if (kind === 'time') return 20 + random.below(700);
  return kind === 'step' ? random.below(4) : LATEST_MS;
}
