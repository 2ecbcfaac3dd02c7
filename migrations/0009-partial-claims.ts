import { type Kysely, sql } from 'kysely';

/**
 * Content of the name of each partial upload when the upload started: the partial is shown under the name only while
 * the name still has that content. NULL: the partial has lost its name. Several partials can have started under one
 * name, so the paths are no longer unique; the one that started last has the highest `begin_number`.
 *
 * Earlier versions did not record the content of a name. Their partials keep the name if it has not changed since they
 * started, as far as the disk shows (`before:` and a time).
 */
export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('partial_with_claim')
    .addColumn('id', 'text', (column) =>
      column.primaryKey().notNull().check(sql`id <> '' AND id NOT LIKE '%/%'`),
    )
    .addColumn('account_id', 'integer', (column) =>
      column.notNull().references('account.id').onDelete('cascade'),
    )
    .addColumn('path', 'text', (column) => column.notNull().check(sql`path LIKE '/_%'`))
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('cut_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('held', 'text', (column) => column.check(sql`held <> ''`))
    .addColumn('begin_number', 'bigint', (column) => column.notNull())
    .addColumn('makes_way', 'integer', (column) =>
      column.notNull().defaultTo(0).check(sql`makes_way IN (0, 1)`),
    )
    .execute();
  await sql`
    INSERT INTO partial_with_claim (id, account_id, path, created_at_ms, cut_at_ms, held, begin_number)
    SELECT id, account_id, path, created_at_ms, cut_at_ms, 'before:' || created_at_ms,
      row_number() OVER (ORDER BY created_at_ms, id)
    FROM partial`.execute(db);
  await db.schema.dropTable('partial').execute();
  await sql`ALTER TABLE partial_with_claim RENAME TO partial`.execute(db);
  await db.schema
    .createIndex('partial_account')
    .on('partial')
    .columns(['account_id', 'path'])
    .execute();
}
