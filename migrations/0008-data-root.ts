import { type Kysely, sql } from 'kysely';

/**
 * The directory that holds the homes of the accounts, as the last server was started with. Commands look for
 * homes there, and a server that is started with another one by mistake finds out. One row, empty before
 * the first start.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('data_root')
    .addColumn('id', 'integer', (column) => column.primaryKey().check(sql`id = 1`))
    .addColumn('path', 'text', (column) => column.notNull())
    .addColumn('changed_at_ms', 'bigint', (column) => column.notNull())
    .execute();
}
