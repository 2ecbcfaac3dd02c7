import type { Kysely } from 'kysely';

/** Networks whose clients are refused: by an administrator, or after too many wrong passwords. */
export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('ban')
    .addColumn('network', 'text', (column) => column.primaryKey())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint')
    .execute();
}
