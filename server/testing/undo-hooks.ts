import { type Kysely, sql } from 'kysely';
import type { Schema } from '../../db/schema.ts';

/** Makes a database as it was before there were hooks. */
export async function undoHooks(db: Kysely<Schema>): Promise<void> {
  await db.schema.dropTable('hook_delivery').execute();
  await sql`DELETE FROM kysely_migration WHERE name = '0025-hooks'`.execute(db);
}
