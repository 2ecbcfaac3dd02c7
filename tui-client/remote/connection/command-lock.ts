/** Lets one task at a time use a control connection, in the order of asking. */
export class CommandLock {
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #running = 0;
  #onWanted: () => void = () => {};

  /** Whether a task runs. */
  get isBusy(): boolean {
    return this.#running > 0;
  }

  /** Whether another task waits for the one that runs. */
  get isWanted(): boolean {
    return this.#waiting > 0;
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
    const before = this.#last;
    let release = () => {};
    this.#last = new Promise((resolve) => {
      release = resolve;
    });
    this.#waiting += 1;
    this.#onWanted();
    try {
      await unlessAborted(before, signal);
    } catch (error) {
      void before.then(release);
      throw error;
    } finally {
      this.#waiting -= 1;
    }
    this.#running += 1;
    try {
      return await task();
    } finally {
      this.#running -= 1;
      release();
    }
  }
}

async function unlessAborted(promise: Promise<void>, signal?: AbortSignal): Promise<void> {
  if (signal === undefined) return promise;
  let giveUp = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    giveUp = () => reject(signal.reason);
  });
  aborted.catch(() => {});
  signal.addEventListener('abort', giveUp);
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
