import { type Kysely, sql } from 'kysely';

/**
 * Recounts of what accounts use. Only the server process knows what it has reserved for running uploads, so a command
 * beside it asks by a row, and the server writes the result into the row. `recounted_at_ms` is the time of the last
 * recount, by which the server finds the accounts whose next one is due.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('recount_request')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('account_id', 'integer', (column) =>
      column.notNull().references('account.id').onDelete('cascade'),
    )
    .addColumn('requested_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('started_at_ms', 'bigint')
    .addColumn('finished_at_ms', 'bigint')
    .addColumn('before_bytes', 'bigint')
    .addColumn('after_bytes', 'bigint')
    .addColumn('unread_directories', 'integer')
    .addColumn('problem', 'text')
    .addCheckConstraint(
      'recount_request_result',
      sql`finished_at_ms IS NULL OR problem IS NOT NULL OR after_bytes IS NOT NULL`,
    )
    .execute();
  await db.schema
    .alterTable('quota')
    .addColumn('recounted_at_ms', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
}
