import { type Kysely, sql } from 'kysely';
import type { Schema } from '../../db/schema.ts';

/** Makes a database as it was before accounts had rights and groups. */
export async function undoAccess(db: Kysely<Schema>): Promise<void> {
  await db.schema.dropTable('account_group').execute();
  for (const column of ['group_id', 'expires_at_ms', 'access', 'must_change_password']) {
    await sql`ALTER TABLE account DROP COLUMN ${sql.ref(column)}`.execute(db);
  }
  await sql`DELETE FROM kysely_migration WHERE name = '0018-access'`.execute(db);
}
