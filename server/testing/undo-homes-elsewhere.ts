import { type Kysely, sql } from 'kysely';
import type { Schema } from '../../db/schema.ts';

/** Makes a database as it was before homes could be outside of the root. */
export async function undoHomesElsewhere(db: Kysely<Schema>): Promise<void> {
  await sql`DROP INDEX account_home_path`.execute(db);
  for (const column of ['home_path', 'home_id']) {
    await sql`ALTER TABLE account DROP COLUMN ${sql.ref(column)}`.execute(db);
  }
  await sql`DELETE FROM kysely_migration WHERE name = '0021-homes-elsewhere'`.execute(db);
}
