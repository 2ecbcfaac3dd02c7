import { RowQueue } from '../../db/row-queue.ts';
import type { TrashRepository, TrashRow } from '../../db/trash-repository.ts';

type Repository = Pick<TrashRepository, 'save' | 'remove'>;

/**
 * Writes the rows of the trash in order. A database that is locked, or that has no room, keeps no file from being
 * deleted: such a row is written later.
 */
export class TrashRows {
  readonly #repository: Repository;
  readonly #onError: (error: unknown) => void;
  readonly #queue: RowQueue;
  /** Items whose row has failed. */
  readonly #unsaved = new Map<string, TrashRow>();

  constructor(deps: {
    readonly repository: Repository;
    readonly onError: (error: unknown) => void;
  }) {
    this.#repository = deps.repository;
    this.#onError = deps.onError;
    this.#queue = new RowQueue(deps.onError);
  }

  /** @returns false if the account does not exist; true also if the row is written later. */
  async save(row: TrashRow): Promise<boolean> {
    const write = async () => {
      this.#unsaved.set(row.id, row);
      const isSaved = await this.#repository.save(row);
      this.#unsaved.delete(row.id);
      return isSaved;
    };
    return (await this.#queue.soon(write).catch(this.#onError)) ?? true;
  }

  async remove(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#unsaved.delete(id);
    await this.#queue.soon(() => this.#repository.remove(ids)).catch(this.#onError);
  }

  /** Writes the rows that have failed before. */
  async saveRest(): Promise<void> {
    for (const row of [...this.#unsaved.values()]) await this.save(row);
  }

  /** Resolves when all rows are written, or have failed. */
  written(): Promise<void> {
    return this.#queue.written();
  }
}
