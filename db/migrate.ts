import { readdir } from 'node:fs/promises';
import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { DatabaseTooNewError } from './database-error.ts';
import type { Schema } from './schema.ts';

const MIGRATIONS = new URL('../migrations/', import.meta.url);

/**
 * Applies, in file-name order, the migrations that this database has not seen: all of them or, if one
 * fails, none. Processes that start at once may all call it.
 *
 * @throws DatabaseTooNewError if the database has seen migrations that this version does not know.
 */
export async function migrate(db: Kysely<Schema>): Promise<void> {
  const migrations = await readMigrations();
  refuseUnknown(await appliedMigrations(db), Object.keys(migrations));
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

/**
 * The migrations that a database has yet to see, of which it has seen `applied`.
 *
 * @throws DatabaseTooNewError if it has seen migrations that this version does not know.
 */
export async function unappliedMigrations(applied: readonly string[]): Promise<readonly string[]> {
  const known = Object.keys(await readMigrations());
  refuseUnknown(applied, known);
  return known.filter((name) => !applied.includes(name));
}

/**
 * Whether the database lacks migrations of this version.
 *
 * @throws DatabaseTooNewError
 */
export async function needsMigration(db: Kysely<Schema>): Promise<boolean> {
  return (await unappliedMigrations(await appliedMigrations(db))).length > 0;
}

async function readMigrations(): Promise<Record<string, Migration>> {
  const names = (await readdir(MIGRATIONS)).filter((name) => /^\d{4}-[^.]*\.[jt]s$/.test(name));
  const modules = names.map(async (name) => {
    const migration: Migration = await import(new URL(name, MIGRATIONS).href);
    return [name.replace(/\.[jt]s$/, ''), migration] as const;
  });
  return Object.fromEntries(await Promise.all(modules));
}

async function appliedMigrations(db: Kysely<Schema>): Promise<readonly string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === 'kysely_migration')) return [];
  const { rows } = await sql<{ name: string }>`SELECT name FROM kysely_migration`.execute(db);
  return rows.map(({ name }) => name);
}

function refuseUnknown(applied: readonly string[], known: readonly string[]): void {
  const unknown = applied.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new DatabaseTooNewError(
    `The database was last used by a later version of MyFTP (it knows the change ${unknown}). Install that version, or restore a backup.`,
  );
}
