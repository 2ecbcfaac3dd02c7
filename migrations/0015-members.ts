import { type Kysely, sql } from 'kysely';

/**
 * Processes that serve, and what each has reserved. A member that has not removed its row has crashed, unless it still
 * runs; its escrow names the accounts whose files have to be measured. `quota.used_bytes` and `used_entries` include the
 * escrow of all members.
 *
 * If the last run of a version without members has crashed, a member with an unknown boot id stands for it: all accounts
 * are measured then.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await createMember(db);
  await createEscrow(db);
  await sql`
    INSERT INTO member (id, boot_id, version, started_at_ms)
    SELECT 'before-0015', '', '', changed_at_ms FROM run_state WHERE clean_shutdown = 0`.execute(
    db,
  );
  await db.schema.dropTable('run_state').execute();
}

async function createMember(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('member')
    .addColumn('id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('boot_id', 'text', (column) => column.notNull())
    .addColumn('version', 'text', (column) => column.notNull())
    .addColumn('started_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('died_at_ms', 'bigint')
    .execute();
}

async function createEscrow(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('quota_escrow')
    .addColumn('account_id', 'integer', (column) =>
      column.notNull().references('account.id').onDelete('cascade'),
    )
    .addColumn('member_id', 'text', (column) => column.notNull().references('member.id'))
    .addColumn('bytes', 'bigint', (column) => column.notNull().check(sql`bytes >= 0`))
    .addColumn('entries', 'bigint', (column) => column.notNull().check(sql`entries >= 0`))
    .addPrimaryKeyConstraint('quota_escrow_key', ['account_id', 'member_id'])
    .execute();
}
