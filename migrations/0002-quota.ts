import { type Kysely, sql } from 'kysely';

/**
 * How much disk each account may use, and how much is taken.
 *
 * used_bytes is what is on disk plus what the ledger holds in advance, so it may run ahead of the disk
 * by some slabs per account, never behind it. The recount at start-up sets it right after a crash. It
 * may exceed limit_bytes when the limit was lowered.
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
