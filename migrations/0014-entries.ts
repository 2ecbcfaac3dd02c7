import { type Kysely, sql } from 'kysely';

/**
 * The number of entries (files, directories and links) that each account may have and has. As with bytes,
 * `used_entries` may exceed the disk, but never fall short of it, and `limit_entries` may be below it after the limit
 * was lowered.
 *
 * Accounts of earlier versions keep working without a limit. Their entries have never been counted, so the server
 * counts them after its start (`entries_counted` = 0).
 */
export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .alterTable('quota')
    .addColumn('limit_entries', 'bigint', (column) =>
      column.notNull().defaultTo(Number.MAX_SAFE_INTEGER).check(sql`limit_entries >= 0`),
    )
    .execute();
  await db.schema
    .alterTable('quota')
    .addColumn('used_entries', 'bigint', (column) =>
      column.notNull().defaultTo(0).check(sql`used_entries >= 0`),
    )
    .execute();
  await db.schema
    .alterTable('quota')
    .addColumn('entries_counted', 'integer', (column) =>
      column.notNull().defaultTo(1).check(sql`entries_counted IN (0, 1)`),
    )
    .execute();
  await sql`UPDATE quota SET entries_counted = 0`.execute(db);
  for (const column of ['before_entries', 'after_entries']) {
    await db.schema.alterTable('recount_request').addColumn(column, 'bigint').execute();
  }
}
