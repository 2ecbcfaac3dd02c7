import { failureText, isCancelled } from '../errors/failure-text.ts';
import type { UiStore } from './ui-store.ts';

/** Work that a key has started. */
export class Tasks {
  readonly #ui: UiStore;
  readonly #running: AbortController[] = [];

  constructor(ui: UiStore) {
    this.#ui = ui;
  }

  /** Starts work without waiting for it; its failure appears in the last line. */
  start(task: () => Promise<void> | void): void {
    void (async () => {
      try {
        await task();
      } catch (error) {
        if (isCancelled(error)) this.#ui.notify('Cancelled.');
        else this.#ui.notify(failureText(error), 'bad');
      }
    })();
  }

  /** Runs work that the user waits for and can cancel. */
  async run<Result>(task: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const controller = new AbortController();
    this.#running.push(controller);
    try {
      return await task(controller.signal);
    } finally {
      this.#running.splice(this.#running.indexOf(controller), 1);
    }
  }

  /** Cancels the latest work that the user waits for. @returns false if there is none. */
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
