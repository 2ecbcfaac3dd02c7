import { type Kysely, sql } from 'kysely';

/**
 * Whether the last run was shut down cleanly. If not, the quotas in the database may exceed the disk and are recounted.
 * One row; a new database has nothing to recount.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('run_state')
    .addColumn('id', 'integer', (column) => column.primaryKey().check(sql`id = 1`))
    .addColumn('clean_shutdown', 'integer', (column) =>
      column.notNull().check(sql`clean_shutdown IN (0, 1)`),
    )
    .addColumn('changed_at_ms', 'bigint', (column) => column.notNull())
    .execute();
  await sql`INSERT INTO run_state (id, clean_shutdown, changed_at_ms) VALUES (1, 1, 0)`.execute(db);
}
