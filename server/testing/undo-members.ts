import { type Kysely, sql } from 'kysely';
import type { Schema } from '../../db/schema.ts';
import { undoBans } from './undo-bans.ts';

/** Makes a database as it was before there were members. */
export async function undoMembers(
  db: Kysely<Schema>,
  lastRun: 'stopped' | 'crashed',
): Promise<void> {
  await undoBans(db);
  for (const table of ['quota_escrow', 'member']) await db.schema.dropTable(table).execute();
  await sql`
    CREATE TABLE run_state (id INTEGER PRIMARY KEY CHECK (id = 1),
      clean_shutdown INTEGER NOT NULL, changed_at_ms BIGINT NOT NULL)`.execute(db);
  await sql`INSERT INTO run_state VALUES (1, ${lastRun === 'stopped' ? 1 : 0}, 7)`.execute(db);
  await sql`DELETE FROM kysely_migration WHERE name = '0015-members'`.execute(db);
}
