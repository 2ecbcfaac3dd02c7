import type { Partial, PartialRepository, PathMove } from '../../db/partial-repository.ts';
import { retryWhileBusy } from '../../db/retry-while-busy.ts';

/** Time that an upload waits for its row: normally a fraction of a millisecond. */
const WAIT_MS = 250;

/** Time that a row waits in the background while another process has the database locked. */
const PATIENCE_MS = 60_000;

type Repository = Pick<PartialRepository, 'save' | 'remove' | 'rename' | 'loseNames'>;

/**
 * Writes the rows of partial uploads in order. A locked database holds up no upload: after a moment the
 * rest happens in the background.
 */
export class PartialRows {
  readonly #repository: Repository;
  readonly #onLateError: (error: unknown) => void;
  #last: Promise<unknown> = Promise.resolve();

  constructor(deps: {
    readonly repository: Repository;
    /** Reports a row that failed after its caller had stopped waiting. */
    readonly onLateError: (error: unknown) => void;
  }) {
    this.#repository = deps.repository;
    this.#onLateError = deps.onLateError;
  }

  /** @returns false if the account does not exist; true also if the row has to wait. */
  async save(partial: Partial): Promise<boolean> {
    return (await this.#soon(() => this.#repository.save(partial))) ?? true;
  }

  async remove(id: string): Promise<void> {
    await this.#soon(() => this.#repository.remove(id));
  }

  async loseNames(ids: readonly string[]): Promise<void> {
    await this.#soon(() => this.#repository.loseNames(ids));
  }

  rename(move: PathMove): Promise<unknown> {
    return this.#soon(() => this.#repository.rename(move));
  }

  /** Resolves when all rows are written, or have failed. */
  async written(): Promise<void> {
    await this.#last;
  }

  /** Resolves to what `write` does, or to undefined if the row has to wait. */
  #soon<Result>(write: () => Promise<Result>): Promise<Result | undefined> {
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
