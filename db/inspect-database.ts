import { constants } from 'node:fs';
import { access, copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import SQLite from 'better-sqlite3';
import { DatabaseCorruptError, DatabaseUnavailableError, sqliteCodeOf } from './database-error.ts';
import {
  accountIn,
  homesElsewhereIn,
  type InspectedAccount,
  type InspectedHome,
  type InspectedOwner,
  ownersIn,
} from './inspect-accounts.ts';
import { foldersIn, type InspectedFolder } from './inspect-folders.ts';
import { unappliedMigrations } from './migrate.ts';

/** A database that is sound. */
export interface DatabaseInspection {
  readonly accounts: number;
  /** Migrations that this version has and the database has not seen. */
  readonly unappliedMigrations: number;
  /** Time of the newest entry in milliseconds of Unix time; 0 if there is none. */
  readonly latestMs: number;
  /** Accounts whose homes are outside of the root. */
  readonly homesElsewhere: readonly InspectedHome[];
  /** Accounts whose files are given to a user. */
  readonly owners: readonly InspectedOwner[];
  /** The account that was asked for. */
  readonly anonymous: InspectedAccount | undefined;
  readonly folders: readonly InspectedFolder[];
}

/**
 * Checks a database, also beside a running server, without changing it or making files beside it.
 *
 * @returns undefined if there is none.
 * @throws DatabaseCorruptError, DatabaseTooNewError, DatabaseUnavailableError
 */
export async function inspectDatabase(
  file: string,
  { anonymousAccount }: { readonly anonymousAccount?: string | undefined } = {},
): Promise<DatabaseInspection | undefined> {
  return await withReadOnly(file, async (sqlite) => {
    const finding = sqlite.pragma('quick_check(1)', { simple: true });
    if (finding !== 'ok') throw new DatabaseCorruptError(`${file} is damaged: ${finding}.`);
    const unapplied = await unappliedMigrations(migrationsIn(sqlite));
    const accounts = tablesIn(sqlite).includes('account')
      ? Number(sqlite.prepare('SELECT count(*) FROM account').pluck().get())
      : 0;
    return {
      ...{ accounts, unappliedMigrations: unapplied.length },
      ...{ latestMs: latestTimeIn(sqlite), homesElsewhere: homesElsewhereIn(sqlite) },
      owners: ownersIn(sqlite),
      anonymous: anonymousAccount === undefined ? undefined : accountIn(sqlite, anonymousAccount),
      folders: foldersIn(sqlite),
    };
  });
}

function latestTimeIn(sqlite: SQLite.Database): number {
  const tables = tablesIn(sqlite);
  const queries = LATEST_TIMES.filter(({ table }) => tables.includes(table));
  return Math.max(
    0,
    ...queries.map(({ query }) => Number(sqlite.prepare(query).pluck().get() ?? 0)),
  );
}

const LATEST_TIMES = [
  { table: 'member', query: 'SELECT max(started_at_ms) FROM member' },
  { table: 'data_root', query: 'SELECT max(changed_at_ms) FROM data_root' },
  { table: 'audit_event', query: 'SELECT at_ms FROM audit_event ORDER BY id DESC LIMIT 1' },
];

/**
 * SQLite makes `-wal` and `-shm` beside a database in WAL mode even to read it, and leaves them there. If no process
 * has the database open, which those files show, a copy elsewhere is read instead.
 */
async function withReadOnly<Result>(
  file: string,
  work: (sqlite: SQLite.Database) => Promise<Result>,
): Promise<Result | undefined> {
  if (!(await exists(file))) return undefined;
  if (await exists(`${file}-shm`)) return await readFrom(file, work);
  const directory = await mkdtemp(join(tmpdir(), 'myftp-doctor-'));
  try {
    const copy = join(directory, basename(file));
    await copyFile(file, copy, constants.COPYFILE_FICLONE);
    if (await exists(`${file}-wal`)) await copyFile(`${file}-wal`, `${copy}-wal`);
    return await readFrom(copy, work);
  } catch (error) {
    throw databaseError(error, file);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function readFrom<Result>(
  file: string,
  work: (sqlite: SQLite.Database) => Promise<Result>,
): Promise<Result> {
  let sqlite: SQLite.Database | undefined;
  try {
    sqlite = new SQLite(file, { readonly: true, fileMustExist: true, timeout: 5000 });
    return await work(sqlite);
  } catch (error) {
    throw databaseError(error, file);
  } finally {
    sqlite?.close();
  }
}

async function exists(file: string): Promise<boolean> {
  return await access(file, constants.F_OK).then(
    () => true,
    () => false,
  );
}

function tablesIn(sqlite: SQLite.Database): readonly string[] {
  const tables = sqlite.prepare("SELECT name FROM sqlite_master WHERE type = 'table'");
  return tables.pluck().all().map(String);
}

function migrationsIn(sqlite: SQLite.Database): readonly string[] {
  if (!tablesIn(sqlite).includes('kysely_migration')) return [];
  return sqlite.prepare('SELECT name FROM kysely_migration').pluck().all().map(String);
}

function databaseError(error: unknown, file: string): unknown {
  const code = sqliteCodeOf(error) ?? '';
  const { message } = error as Error;
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) {
    return new DatabaseCorruptError(`${file} is damaged or is not a database (${message}).`, {
      cause: error,
    });
  }
  if (/^(SQLITE_|E[A-Z]+$)/.test(code)) {
    return new DatabaseUnavailableError(`${file} cannot be read: ${message}.`, { cause: error });
  }
  return error;
}
