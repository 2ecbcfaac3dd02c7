import { type Kysely, sql } from 'kysely';

/**
 * Disk space that each account may use, and uses.
 *
 * used_bytes is the size on disk plus what the ledger has reserved, so it may exceed the disk by some reservations per
 * account, but never fall short of it. The recount at start-up corrects it after a crash. It may exceed limit_bytes
 * after the limit was lowered.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('quota')
    .addColumn('account_id', 'integer', (column) =>
      column.primaryKey().references('account.id').onDelete('cascade'),
    )
    .addColumn('limit_bytes', 'bigint', (column) => column.notNull().check(sql`limit_bytes >= 0`))
    .addColumn('used_bytes', 'bigint', (column) =>
      column.notNull().defaultTo(0).check(sql`used_bytes >= 0`),
    )
    .execute();
}
