import { type Kysely, sql } from 'kysely';

/**
 * Rules by which old files are deleted: JSON by directory (see db/retention-repository.ts), of an account and of a group.
 * NULL: none. What they delete is in the audit log.
 */
export async function up(db: Kysely<never>): Promise<void> {
  for (const table of ['account', 'account_group']) {
    await sql`ALTER TABLE ${sql.table(table)} ADD COLUMN retention TEXT`.execute(db);
  }
  await allowRetentionEvents(db);
}

/** SQLite cannot change a constraint: the rows are copied, about a second for a million. */
async function allowRetentionEvents(db: Kysely<never>): Promise<void> {
  const { rows } = await sql<{ text: string }>`
    SELECT sql AS text FROM sqlite_master WHERE type = 'table' AND name = 'audit_event'`.execute(
    db,
  );
  const before = rows[0]?.text ?? '';
  if (before.includes("'retention'")) return;
  const after = before
    .replace('kind IN (', "kind IN ('retention', ")
    .replace("(kind = 'transfer') =", "(kind IN ('transfer', 'retention')) =");
  await sql`ALTER TABLE audit_event RENAME TO audit_event_before`.execute(db);
  await sql.raw(after).execute(db);
  await sql`INSERT INTO audit_event SELECT * FROM audit_event_before`.execute(db);
  await sql`DROP TABLE audit_event_before`.execute(db);
}
