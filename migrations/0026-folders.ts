import { type Kysely, sql } from 'kysely';

/**
 * Shared folders. `folder.account_id` is the account that is charged for the files: the one that shares a directory of
 * its own, or one of the folder's own, which cannot log in and is named `folder:<name>`. `folder.directory` is a path in
 * the tree of that account.
 *
 * `folder_mount`: the paths at which accounts, or all accounts of a group, see a folder.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('folder')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('account_id', 'integer', (column) =>
      column.notNull().references('account.id').onDelete('restrict'),
    )
    .addColumn('directory', 'text', (column) => column.notNull().check(sql`directory LIKE '/%'`))
    .execute();
  await db.schema
    .createTable('folder_mount')
    .addColumn('folder_id', 'integer', (column) =>
      column.notNull().references('folder.id').onDelete('cascade'),
    )
    .addColumn('account_id', 'integer', (column) =>
      column.references('account.id').onDelete('cascade'),
    )
    .addColumn('group_id', 'integer', (column) =>
      column.references('account_group.id').onDelete('cascade'),
    )
    .addColumn('path', 'text', (column) => column.notNull().check(sql`path LIKE '/_%'`))
    .addColumn('read_only', 'integer', (column) => column.notNull().check(sql`read_only IN (0, 1)`))
    .addCheckConstraint('folder_mount_of_one', sql`(account_id IS NULL) <> (group_id IS NULL)`)
    .execute();
  for (const holder of ['account_id', 'group_id']) {
    await db.schema
      .createIndex(`folder_mount_${holder}`)
      .on('folder_mount')
      .columns([holder, 'path'])
      .unique()
      .execute();
  }
  await db.schema.createIndex('folder_account_id').on('folder').column('account_id').execute();
}
