import type { Kysely } from 'kysely';
import type { Schema } from './schema.ts';

/** Remembers across runs whether the last one ended in order. */
export class RunStateRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Whether the last run ended in order. False also while a server runs. */
  async wasShutDownCleanly(): Promise<boolean> {
    const row = await this.#db.selectFrom('run_state').select('clean_shutdown').executeTakeFirst();
    return row?.clean_shutdown === 1;
  }

  /** Call before the first upload is accepted; a crash from here on is noticed at the next start. */
  async markRunning(nowMs: number): Promise<void> {
    await this.#mark(0, nowMs);
  }

  /** Call when the quotas are settled and, if the run before had crashed, recounted. */
  async markCleanShutdown(nowMs: number): Promise<void> {
    await this.#mark(1, nowMs);
  }

  async #mark(cleanShutdown: 0 | 1, nowMs: number): Promise<void> {
    await this.#db
      .updateTable('run_state')
      .set({ clean_shutdown: cleanShutdown, changed_at_ms: nowMs })
      .execute();
  }
}
