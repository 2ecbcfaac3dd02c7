import { type Kysely, sql } from 'kysely';

/**
 * Invites, so that an administrator can let people sign up without knowing their passwords.
 *
 * Only the SHA-256 of a code is stored: a reader of the database or a backup cannot sign up with it.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('invite')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('code_hash', 'text', (column) =>
      column.notNull().unique().check(sql`length(code_hash) = 64`),
    )
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint')
    .addColumn('max_uses', 'integer', (column) => column.notNull().check(sql`max_uses >= 1`))
    .addColumn('uses', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('revoked_at_ms', 'bigint')
    .addCheckConstraint('invite_uses', sql`uses BETWEEN 0 AND max_uses`)
    .execute();
}
