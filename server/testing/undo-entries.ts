import { type Kysely, sql } from 'kysely';
import type { Schema } from '../../db/schema.ts';
import { undoMembers } from './undo-members.ts';

/** Makes a database as it was before the server counted entries. */
export async function undoEntries(db: Kysely<Schema>): Promise<void> {
  await undoMembers(db, 'stopped');
  for (const column of ['limit_entries', 'used_entries', 'entries_counted']) {
    await sql`ALTER TABLE quota DROP COLUMN ${sql.ref(column)}`.execute(db);
  }
  for (const column of ['before_entries', 'after_entries']) {
    await sql`ALTER TABLE recount_request DROP COLUMN ${sql.ref(column)}`.execute(db);
  }
  await sql`DELETE FROM kysely_migration WHERE name = '0014-entries'`.execute(db);
}
