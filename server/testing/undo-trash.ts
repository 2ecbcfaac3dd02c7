import { type Kysely, sql } from 'kysely';
import type { Schema } from '../../db/schema.ts';

/** Makes a database as it was before deleted files were kept. */
export async function undoTrash(db: Kysely<Schema>): Promise<void> {
  await db.schema.dropTable('trash_item').execute();
  await sql`ALTER TABLE account DROP COLUMN keep_deleted_ms`.execute(db);
  await sql`DELETE FROM kysely_migration WHERE name = '0019-trash'`.execute(db);
}
