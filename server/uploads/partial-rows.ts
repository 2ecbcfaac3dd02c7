import type { Partial, PartialRepository, PathMove } from '../../db/partial-repository.ts';
import { RowQueue } from '../../db/row-queue.ts';

type Repository = Pick<PartialRepository, 'save' | 'remove' | 'rename' | 'loseNames'>;

/** Writes the rows of partial uploads in order, and waits for none of them for long. */
export class PartialRows {
  readonly #repository: Repository;
  readonly #queue: RowQueue;

  constructor(deps: {
    readonly repository: Repository;
    /** Reports a row that failed after its caller had stopped waiting. */
    readonly onLateError: (error: unknown) => void;
  }) {
    this.#repository = deps.repository;
    this.#queue = new RowQueue(deps.onLateError);
  }

  /** @returns false if the account does not exist; true also if the row has to wait. */
  async save(partial: Partial): Promise<boolean> {
    return (await this.#queue.soon(() => this.#repository.save(partial))) ?? true;
  }

  async remove(id: string): Promise<void> {
    await this.#queue.soon(() => this.#repository.remove(id));
  }

  async loseNames(ids: readonly string[]): Promise<void> {
    await this.#queue.soon(() => this.#repository.loseNames(ids));
  }

  rename(move: PathMove): Promise<unknown> {
    return this.#queue.soon(() => this.#repository.rename(move));
  }

  /** Resolves when all rows are written, or have failed. */
  written(): Promise<void> {
    return this.#queue.written();
  }
}
