import { retryWhileBusy } from './retry-while-busy.ts';

/** Time that a caller waits for its row: normally a fraction of a millisecond. */
const WAIT_MS = 250;

/** Time that a row waits in the background while another process has the database locked. */
const PATIENCE_MS = 60_000;

/**
 * Writes rows in order. A locked database holds up no caller: after a moment the rest happens in the background.
 */
export class RowQueue {
  readonly #onLateError: (error: unknown) => void;
  #last: Promise<unknown> = Promise.resolve();

  /** @param onLateError reports a row that failed after its caller had stopped waiting. */
  constructor(onLateError: (error: unknown) => void) {
    this.#onLateError = onLateError;
  }

  /** Resolves when all rows are written, or have failed. */
  async written(): Promise<void> {
    await this.#last;
  }

  /** Resolves to what `write` does, or to undefined if the row has to wait. */
  soon<Result>(write: () => Promise<Result>): Promise<Result | undefined> {
    const writing = this.#last.then(() => retryWhileBusy(write, PATIENCE_MS));
    this.#last = writing.catch(() => undefined);
    return new Promise((resolve, reject) => {
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        resolve(undefined);
      }, WAIT_MS);
      const settle = (end: () => void) => {
        clearTimeout(timer);
        end();
      };
      writing.then(
        (result) => settle(() => resolve(result)),
        (error: unknown) => settle(() => (isLate ? this.#onLateError(error) : reject(error))),
      );
    });
  }
}
