import { type Kysely, sql } from 'kysely';
import type { Schema } from '../../db/schema.ts';

/** Makes a database as it was before there were shared folders. */
export async function undoFolders(db: Kysely<Schema>): Promise<void> {
  for (const table of ['folder_mount', 'folder']) await db.schema.dropTable(table).execute();
  await sql`DELETE FROM kysely_migration WHERE name = '0026-folders'`.execute(db);
}
