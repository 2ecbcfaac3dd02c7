import { type Kysely, sql } from 'kysely';
import type { Schema } from '../../db/schema.ts';

/** Makes a database as it was before commands were in the audit log. Kinds of audit events stay. */
export async function undoAdminEvents(db: Kysely<Schema>): Promise<void> {
  await sql`DELETE FROM kysely_migration WHERE name = '0028-admin-events'`.execute(db);
}
