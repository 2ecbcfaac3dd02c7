/** Lets one task at a time use a control connection, in the order of asking. */
export class CommandLock {
  readonly #waiting: (() => void)[] = [];
  #isBusy = false;
  #onWanted: () => void = () => {};

  /** Whether a task runs. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Whether another task waits for the one that runs. */
  get isWanted(): boolean {
    return this.#waiting.length > 0;
  }

  /** Resolves when a task waits. */
  wanted(): Promise<void> {
    if (this.isWanted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onWanted = resolve;
    });
  }

  /** A task that gives up while waiting is rejected at once. */
  async run<Result>(task: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    signal?.throwIfAborted();
    if (this.#isBusy) await this.#turn(signal);
    this.#isBusy = true;
    try {
      return await task();
    } finally {
      this.#passOn();
    }
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const begin = () => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = () => {
        this.#waiting.splice(this.#waiting.indexOf(begin), 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#waiting.push(begin);
      this.#onWanted();
    });
  }

  /** Stays busy if another task waits. */
  #passOn(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#isBusy = false;
    else next();
  }
}
