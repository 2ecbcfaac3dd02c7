import { type Kysely, sql } from 'kysely';

/**
 * Files, links and directories that were deleted or replaced, and are kept for a time. Each lies in the trash, under its
 * id as the file name. `number` is the order in which an account has deleted them, whatever the clock says.
 *
 * `account.keep_deleted_ms`: the time for which the account's deleted files are kept. NULL: the default of the server.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('trash_item')
    .addColumn('id', 'text', (column) =>
      column.primaryKey().notNull().check(sql`id <> '' AND id NOT LIKE '%/%'`),
    )
    .addColumn('account_id', 'integer', (column) =>
      column.notNull().references('account.id').onDelete('cascade'),
    )
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('path', 'text', (column) => column.notNull().check(sql`path LIKE '/_%'`))
    .addColumn('kind', 'text', (column) =>
      column.notNull().check(sql`kind IN ('file', 'directory', 'other')`),
    )
    .addColumn('reason', 'text', (column) =>
      column.notNull().check(sql`reason IN ('deleted', 'replaced')`),
    )
    .addColumn('size_bytes', 'bigint', (column) => column.notNull().check(sql`size_bytes >= 0`))
    .addColumn('is_charged', 'integer', (column) =>
      column.notNull().check(sql`is_charged IN (0, 1)`),
    )
    .addColumn('deleted_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('trash_item_order')
    .on('trash_item')
    .columns(['account_id', 'number'])
    .execute();
  await db.schema
    .alterTable('account')
    .addColumn('keep_deleted_ms', 'bigint', (column) => column.check(sql`keep_deleted_ms >= 0`))
    .execute();
}
