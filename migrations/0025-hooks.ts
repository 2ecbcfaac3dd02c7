import type { Kysely } from 'kysely';

/** Events that a hook has not taken yet. A delivery without a next time has failed too often; it is retried on request. */
export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('hook_delivery')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('hook', 'text', (column) => column.notNull())
    .addColumn('event', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('next_at_ms', 'bigint')
    .addColumn('last_error', 'text')
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('hook_delivery_next_at')
    .on('hook_delivery')
    .column('next_at_ms')
    .execute();
}
