/** What the user waits for: the latest can be cancelled. */
export class Foreground {
  readonly #running: AbortController[] = [];

  get isBusy(): boolean {
    return this.#running.length > 0;
  }

  async run<Result>(task: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const controller = new AbortController();
    this.#running.push(controller);
    try {
      return await task(controller.signal);
    } finally {
      this.#running.splice(this.#running.indexOf(controller), 1);
    }
  }

  /** False if nothing ran. */
  cancel(): boolean {
    const latest = this.#running.at(-1);
    latest?.abort(new CancelledError());
    return latest !== undefined;
  }
}

/** The user has cancelled it: nothing to show. */
class CancelledError extends Error {
  override readonly name = 'AbortError';

  constructor() {
    super('Cancelled.');
  }
}
