import { type Kysely, sql } from 'kysely';
import type { Schema } from '../../db/schema.ts';

/** Makes a database as it was before accounts had rates. */
export async function undoRates(db: Kysely<Schema>): Promise<void> {
  for (const column of ['rate_up', 'rate_down']) {
    await sql`ALTER TABLE account DROP COLUMN ${sql.ref(column)}`.execute(db);
  }
  await sql`DELETE FROM kysely_migration WHERE name = '0024-rates'`.execute(db);
}
