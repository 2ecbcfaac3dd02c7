import { type Kysely, sql } from 'kysely';

/** Fate of the account's uploads whose client has left. NULL: the default of the server. */
export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .alterTable('account')
    .addColumn('cut_uploads', 'text', (column) =>
      column.check(sql`cut_uploads IN ('keep', 'publish')`),
    )
    .execute();
}
