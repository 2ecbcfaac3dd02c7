import { type Kysely, sql } from 'kysely';

/** Bytes per second of an account's uploads and downloads. 0: no limit. NULL: the default of the server. */
export async function up(db: Kysely<never>): Promise<void> {
  for (const column of ['rate_up', 'rate_down']) {
    await db.schema
      .alterTable('account')
      .addColumn(column, 'bigint', (definition) => definition.check(sql`${sql.ref(column)} >= 0`))
      .execute();
  }
}
