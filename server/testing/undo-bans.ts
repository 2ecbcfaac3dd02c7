import { type Kysely, sql } from 'kysely';
import type { Schema } from '../../db/schema.ts';
import { undoGuards } from './undo-guards.ts';

/** Makes a database as it was before there were bans. */
export async function undoBans(db: Kysely<Schema>): Promise<void> {
  await undoGuards(db);
  await db.schema.dropTable('ban').execute();
  await sql`DELETE FROM kysely_migration WHERE name = '0016-bans'`.execute(db);
}
