import type { Kysely } from 'kysely';

const COLUMNS = ['umask', 'file_mode', 'directory_mode', 'owner_uid', 'owner_gid'];

/** Mode and owner of what the account creates. NULL: as the server is set. */
export async function up(db: Kysely<never>): Promise<void> {
  for (const column of COLUMNS) {
    await db.schema.alterTable('account').addColumn(column, 'integer').execute();
  }
}
