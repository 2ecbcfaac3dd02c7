import { type Kysely, sql } from 'kysely';

/**
 * What accounts may do: rights by directory and limits (`access`, JSON; see db/access-settings.ts), of their own and of
 * a group. NULL: full rights and the limits of the server.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('account_group')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('access', 'text')
    .execute();
  for (const column of ['group_id', 'expires_at_ms']) {
    await sql`ALTER TABLE account ADD COLUMN ${sql.ref(column)} BIGINT`.execute(db);
  }
  await sql`ALTER TABLE account ADD COLUMN access TEXT`.execute(db);
  await sql`ALTER TABLE account ADD COLUMN must_change_password INTEGER NOT NULL DEFAULT 0`.execute(
    db,
  );
}
