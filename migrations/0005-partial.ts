import { type Kysely, sql } from 'kysely';

/**
 * Uploads that were cut short. Each waits in the staging area, under its id as the file name, to be
 * resumed; to its owner it appears at `path`, where no second one can be.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('partial')
    .addColumn('id', 'text', (column) =>
      column.primaryKey().notNull().check(sql`id <> '' AND id NOT LIKE '%/%'`),
    )
    .addColumn('account_id', 'integer', (column) =>
      column.notNull().references('account.id').onDelete('cascade'),
    )
    .addColumn('path', 'text', (column) => column.notNull().check(sql`path LIKE '/_%'`))
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('partial_path', ['account_id', 'path'])
    .execute();
}
