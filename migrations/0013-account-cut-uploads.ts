import { type Kysely, sql } from 'kysely';

/** What becomes of the account's uploads whose client left. NULL: what the setting of the server says. */
export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .alterTable('account')
    .addColumn('cut_uploads', 'text', (column) =>
      column.check(sql`cut_uploads IN ('keep', 'publish')`),
    )
    .execute();
}
