import type { Kysely } from 'kysely';
import { durably } from './durably.ts';
import type { RunStateTable, Schema } from './schema.ts';

/** Remembers across runs whether the last one ended in order. */
export class RunStateRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Whether the last run was shut down cleanly. False also while a server runs. */
  async wasShutDownCleanly(): Promise<boolean> {
    const row = await this.#db.selectFrom('run_state').select('clean_shutdown').executeTakeFirst();
    return row?.clean_shutdown === 1;
  }

  /**
   * Call before the first upload is accepted; a crash from here on is noticed at the next start. This one
   * statement waits for the disk, or a power cut could undo it and leave the run before as the last.
   */
  async markRunning(nowMs: number): Promise<void> {
    await durably(this.#db, (connection) =>
      mark(connection, { clean_shutdown: 0, changed_at_ms: nowMs }),
    );
  }

  /** Call when the quotas are settled and, if the run before had crashed, recounted. */
  async markCleanShutdown(nowMs: number): Promise<void> {
    await mark(this.#db, { clean_shutdown: 1, changed_at_ms: nowMs });
  }
}

/**
 * Whether the last run of the server crashed, or a server is running. Asks before the tables are migrated: a database
 * without this table has not been served.
 */
export async function wasInterrupted(db: Kysely<Schema>): Promise<boolean> {
  const tables = await db.introspection.getTables();
  if (!tables.some(({ name }) => name === 'run_state')) return false;
  return !(await new RunStateRepository(db).wasShutDownCleanly());
}

async function mark(db: Kysely<Schema>, state: Omit<RunStateTable, 'id'>): Promise<void> {
  await db.updateTable('run_state').set(state).execute();
}
