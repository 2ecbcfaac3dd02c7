import { type Kysely, sql } from 'kysely';

/**
 * Commands of the administrator in the audit log. SQLite cannot change a constraint: the rows are copied, about a second
 * for a million.
 */
export async function up(db: Kysely<never>): Promise<void> {
  const { rows } = await sql<{ definition: string }>`
    SELECT sql AS definition FROM sqlite_master WHERE type = 'table' AND name = 'audit_event'`.execute(
    db,
  );
  const definition = rows[0]?.definition ?? '';
  if (definition.includes("'admin'")) return;
  await sql`ALTER TABLE audit_event RENAME TO audit_event_before`.execute(db);
  await sql.raw(definition.replace('kind IN (', "kind IN ('admin', ")).execute(db);
  await sql`INSERT INTO audit_event SELECT * FROM audit_event_before`.execute(db);
  await sql`DROP TABLE audit_event_before`.execute(db);
}
