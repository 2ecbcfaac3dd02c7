import { type Kysely, sql } from 'kysely';
import { MemberRepository } from './member-repository.ts';
import type { Schema } from './schema.ts';

/**
 * Whether the last run of the server crashed, or a server is running. Asks before the tables are migrated: a database
 * that is empty has not been served.
 */
export async function wasInterrupted(db: Kysely<Schema>): Promise<boolean> {
  const tables = await tablesIn(db);
  if (tables.includes('member')) return !(await new MemberRepository(db).isEmpty());
  if (!tables.includes('run_state')) return false;
  const { rows } = await sql`SELECT 1 FROM run_state WHERE clean_shutdown = 0`.execute(db);
  return rows.length > 0;
}

/** Has the next start measure the files of all accounts. The tables may be those of an earlier version. */
export async function requireRecountOfAll(db: Kysely<Schema>, nowMs: number): Promise<void> {
  if ((await tablesIn(db)).includes('run_state')) {
    await sql`UPDATE run_state SET clean_shutdown = 0, changed_at_ms = ${nowMs}`.execute(db);
    return;
  }
  await new MemberRepository(db).requireDoubt(nowMs);
}

async function tablesIn(db: Kysely<Schema>): Promise<readonly string[]> {
  return (await db.introspection.getTables()).map(({ name }) => name);
}
