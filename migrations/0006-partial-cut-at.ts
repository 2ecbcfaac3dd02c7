import { type Kysely, sql } from 'kysely';

/**
 * When each partial upload was last worked on: it expires some time after that. When it was begun, in
 * `created_at_ms`, stays through all of its resumes.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .alterTable('partial')
    .addColumn('cut_at_ms', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute();
  await sql`UPDATE partial SET cut_at_ms = created_at_ms`.execute(db);
}
