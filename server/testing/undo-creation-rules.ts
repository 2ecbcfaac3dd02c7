import { type Kysely, sql } from 'kysely';
import type { Schema } from '../../db/schema.ts';

/** Makes a database as it was before accounts had modes and owners of their own. */
export async function undoCreationRules(db: Kysely<Schema>): Promise<void> {
  for (const column of ['umask', 'file_mode', 'directory_mode', 'owner_uid', 'owner_gid']) {
    await sql`ALTER TABLE account DROP COLUMN ${sql.ref(column)}`.execute(db);
  }
  await sql`DELETE FROM kysely_migration WHERE name = '0017-creation-rules'`.execute(db);
}
