import { type Kysely, sql } from 'kysely';
import type { Schema } from '../../db/schema.ts';

/** Makes a database as it was before there was retention. Kinds of audit events stay. */
export async function undoRetention(db: Kysely<Schema>): Promise<void> {
  for (const table of ['account', 'account_group']) {
    await sql`ALTER TABLE ${sql.table(table)} DROP COLUMN retention`.execute(db);
  }
  await sql`DELETE FROM kysely_migration WHERE name = '0027-retention'`.execute(db);
}
