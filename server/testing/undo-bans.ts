import { type Kysely, sql } from 'kysely';
import type { Schema } from '../../db/schema.ts';
import { undoAccess } from './undo-access.ts';
import { undoAdminEvents } from './undo-admin-events.ts';
import { undoCreationRules } from './undo-creation-rules.ts';
import { undoFolders } from './undo-folders.ts';
import { undoGuards } from './undo-guards.ts';
import { undoHooks } from './undo-hooks.ts';
import { undoRetention } from './undo-retention.ts';
import { undoTrash } from './undo-trash.ts';

/** Makes a database as it was before there were bans. */
export async function undoBans(db: Kysely<Schema>): Promise<void> {
  await undoAdminEvents(db);
  await undoRetention(db);
  await undoFolders(db);
  await undoHooks(db);
  await undoGuards(db);
  await undoTrash(db);
  await undoAccess(db);
  await undoCreationRules(db);
  await db.schema.dropTable('ban').execute();
  await sql`DELETE FROM kysely_migration WHERE name = '0016-bans'`.execute(db);
}
