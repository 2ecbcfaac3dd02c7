import { type Kysely, sql } from 'kysely';
import type { Schema } from '../../db/schema.ts';
import { undoHomesElsewhere } from './undo-homes-elsewhere.ts';
import { undoRates } from './undo-rates.ts';

/** Makes a database as it was before the server made bans by itself. Kinds of audit events stay. */
export async function undoGuards(db: Kysely<Schema>): Promise<void> {
  await undoRates(db);
  await undoHomesElsewhere(db);
  await sql`ALTER TABLE account DROP COLUMN networks`.execute(db);
  for (const column of ['by_guard', 'times']) {
    await sql`ALTER TABLE ban DROP COLUMN ${sql.ref(column)}`.execute(db);
  }
  await sql`DELETE FROM kysely_migration WHERE name = '0020-guards'`.execute(db);
}
