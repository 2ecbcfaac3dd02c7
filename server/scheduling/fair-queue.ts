import { LoginRefusedError } from '../errors/errors.ts';

interface Waiter {
  readonly start: () => void;
  readonly refuse: () => void;
}

/**
 * Lets a few tasks run at a time and some more wait. Those that wait are served by origin in turn, so one
 * origin with many delays another with one by a single task. When too many wait, the origin that has most
 * loses its newest.
 */
export class FairQueue {
  readonly #maxRunning: number;
  readonly #maxWaiting: number;
  /** By origin, in the order in which origins are served next. */
  readonly #waiting = new Map<string, Waiter[]>();
  #waitingCount = 0;
  #running = 0;

  constructor(limits: { readonly maxRunning: number; readonly maxWaiting: number }) {
    this.#maxRunning = limits.maxRunning;
    this.#maxWaiting = limits.maxWaiting;
  }

  /** @throws LoginRefusedError if too many wait and this origin has most of them. */
  async run<T>(origin: string, task: () => Promise<T>): Promise<T> {
    await this.#enter(origin);
    try {
      return await task();
    } finally {
      this.#leave();
    }
  }

  #enter(origin: string): Promise<void> {
    if (this.#running < this.#maxRunning) {
      this.#running += 1;
      return Promise.resolve();
    }
    return new Promise((start, reject) => {
      const refuse = () =>
        reject(new LoginRefusedError('The server is busy with other logins; try again shortly.'));
      const ofOrigin = this.#waiting.get(origin) ?? [];
      ofOrigin.push({ start, refuse });
      this.#waiting.set(origin, ofOrigin);
      this.#waitingCount += 1;
      if (this.#waitingCount > this.#maxWaiting) this.#refuseOne();
    });
  }

  #refuseOne(): void {
    let [longest] = this.#waiting;
    for (const entry of this.#waiting) {
      if (longest === undefined || entry[1].length > longest[1].length) longest = entry;
    }
    if (longest === undefined) return;
    const [origin, waiters] = longest;
    waiters.pop()?.refuse();
    this.#waitingCount -= 1;
    if (waiters.length === 0) this.#waiting.delete(origin);
  }

  /** The slot goes straight to the next origin in turn, so that no other task can take it. */
  #leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#running -= 1;
      return;
    }
    const [origin, waiters] = next;
    const waiter = waiters.shift();
    this.#waitingCount -= 1;
    this.#waiting.delete(origin);
    if (waiters.length > 0) this.#waiting.set(origin, waiters);
    waiter?.start();
  }
}
