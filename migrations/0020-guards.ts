import { type Kysely, sql } from 'kysely';

const COLUMNS = sql.raw(
  'id, at_ms, kind, outcome, reason, session, address, username, verb, direction, path, offset_bytes, moved_bytes, duration_ms, sha256',
);

/**
 * Bans that the server makes by itself, the networks from which an account may log in, and bans and kicks in the audit
 * log. `times` counts the bans of a network in a row: each is twice as long as the one before, so rows outlive their
 * end for a time.
 */
export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .alterTable('ban')
    .addColumn('by_guard', 'integer', (column) =>
      column.notNull().defaultTo(0).check(sql`by_guard IN (0, 1)`),
    )
    .execute();
  await db.schema
    .alterTable('ban')
    .addColumn('times', 'integer', (column) => column.notNull().defaultTo(1))
    .execute();
  // NULL: any. Else networks, separated by commas.
  await db.schema.alterTable('account').addColumn('networks', 'text').execute();
  await allowMoreKinds(db);
}

/** SQLite cannot change a constraint: the rows are copied, about a second for a million. */
async function allowMoreKinds(db: Kysely<never>): Promise<void> {
  await sql`ALTER TABLE audit_event RENAME TO audit_event_before`.execute(db);
  await sql`
    CREATE TABLE audit_event (id INTEGER PRIMARY KEY, at_ms BIGINT NOT NULL,
      kind TEXT NOT NULL CHECK (kind IN ('transfer', 'login', 'signup', 'ban', 'kick')),
      outcome TEXT NOT NULL CHECK (outcome IN ('ok', 'failed')), reason TEXT, session TEXT NOT NULL,
      address TEXT NOT NULL, username TEXT NOT NULL, verb TEXT,
      direction TEXT CHECK (direction IN ('upload', 'download')), path TEXT, offset_bytes BIGINT,
      moved_bytes BIGINT, duration_ms BIGINT, sha256 TEXT,
      CONSTRAINT audit_event_path CHECK ((kind = 'transfer') = (path IS NOT NULL)))`.execute(db);
  await sql`INSERT INTO audit_event (${COLUMNS}) SELECT ${COLUMNS} FROM audit_event_before`.execute(
    db,
  );
  await sql`DROP TABLE audit_event_before`.execute(db);
}
