import { type Kysely, sql } from 'kysely';

/**
 * Accounts that can log in.
 *
 * Names that differ only in case would be one home on some disks and one person for most readers, so they exclude each
 * other. Ids are never reused: files that a removed account left in the staging area must not belong to the next
 * account.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('account')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('username', 'text', (column) =>
      column.notNull().check(sql`length(username) BETWEEN 3 AND 32`),
    )
    .addColumn('password_hash', 'text', (column) => column.notNull())
    .addColumn('home', 'text', (column) =>
      column
        .notNull()
        .unique()
        .check(sql`home <> '' AND home NOT LIKE '.%' AND home NOT LIKE '%/%'`),
    )
    .addColumn('enabled', 'integer', (column) =>
      column.notNull().defaultTo(1).check(sql`enabled IN (0, 1)`),
    )
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('last_login_at_ms', 'bigint')
    .execute();
  await db.schema
    .createIndex('account_username')
    .on('account')
    .expression(sql`lower(username)`)
    .unique()
    .execute();
  await createRetiredHomes(db);
}

/** Homes of removed accounts. Their files may still be there, so a sign-up cannot have the name. */
async function createRetiredHomes(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('retired_home')
    .addColumn('home', 'text', (column) => column.primaryKey().notNull())
    .addColumn('retired_at_ms', 'bigint', (column) => column.notNull())
    .execute();
}
