import { type Kysely, sql } from 'kysely';

/**
 * The audit log: transfers of files, logins and sign-ups, for questions that log files answer badly.
 *
 * Ids are the numbers of receipts that clients have, so none is used twice, not even one whose row was lost in a crash:
 * they are reserved in advance. They grow with time, and rows are found and removed by them; a second index would cost
 * each transfer more than it saves. There is no reference to the account, which may have been removed.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('audit_event')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('kind', 'text', (column) =>
      column.notNull().check(sql`kind IN ('transfer', 'login', 'signup')`),
    )
    .addColumn('outcome', 'text', (column) =>
      column.notNull().check(sql`outcome IN ('ok', 'failed')`),
    )
    .addColumn('reason', 'text')
    .addColumn('session', 'text', (column) => column.notNull())
    .addColumn('address', 'text', (column) => column.notNull())
    .addColumn('username', 'text', (column) => column.notNull())
    .addColumn('verb', 'text')
    .addColumn('direction', 'text', (column) =>
      column.check(sql`direction IN ('upload', 'download')`),
    )
    .addColumn('path', 'text')
    .addColumn('offset_bytes', 'bigint')
    .addColumn('moved_bytes', 'bigint')
    .addColumn('duration_ms', 'bigint')
    .addColumn('sha256', 'text')
    .addCheckConstraint('audit_event_path', sql`(kind = 'transfer') = (path IS NOT NULL)`)
    .execute();
  await createReceiptNumbers(db);
}

/** One row: the first number that is not reserved yet. */
async function createReceiptNumbers(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable('receipt_number')
    .addColumn('id', 'integer', (column) => column.primaryKey().check(sql`id = 1`))
    .addColumn('next_number', 'bigint', (column) => column.notNull())
    .execute();
  await sql`INSERT INTO receipt_number (id, next_number) VALUES (1, 1)`.execute(db);
}
