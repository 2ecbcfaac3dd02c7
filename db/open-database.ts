import { chmodSync } from 'node:fs';
import SQLite from 'better-sqlite3';
import { Kysely } from 'kysely';
import { createFileIfMissing } from './create-file.ts';
import { DatabaseCorruptError, DatabaseUnavailableError, sqliteCodeOf } from './database-error.ts';
import { LockQueue } from './lock-queue.ts';
import type { Schema } from './schema.ts';
import { SharedSqliteDialect } from './sqlite-dialect.ts';

const OWNER_ONLY = 0o600;

/** Opening blocks: nothing is served yet. */
const OPEN_TIMEOUT_MS = 5000;

/** Once it is open nothing blocks; statements wait by timer, for this time unless set otherwise. */
const PATIENCE_MS = 10_000;

/** An open database. */
export interface Database {
  readonly queries: Kysely<Schema>;
  /** A number that changes whenever another process, not this one, has changed the database. Costs 2 µs. */
  dataVersion(): number;
  /**
   * Reads the whole database and looks for damage, which takes seconds with millions of audit events.
   *
   * @throws DatabaseCorruptError
   */
  checkIntegrity(): void;
  /** Sets how long a statement waits while another process has the database locked. */
  setPatience(patienceMs: number): void;
  close(): Promise<void>;
}

/**
 * Opens the embedded database and creates the file if need be, readable by its owner only: it holds
 * password hashes. `:memory:` gives an empty one that lives until it is closed.
 *
 * WAL with `synchronous = NORMAL` keeps the database whole through any crash; a power cut may undo the
 * last moments, which the recount of quotas sets right.
 *
 * @throws DatabaseCorruptError if the file is damaged or not a database.
 * @throws DatabaseUnavailableError if it cannot be opened or written.
 */
export function openDatabase(filename: string): Database {
  const sqlite = openSqlite(filename);
  const version = sqlite.prepare('PRAGMA data_version').pluck();
  const locks = new LockQueue({ patienceMs: PATIENCE_MS });
  const queries = new Kysely<Schema>({ dialect: new SharedSqliteDialect({ sqlite, locks }) });
  return {
    queries,
    dataVersion: () => Number(version.get()),
    checkIntegrity: () => checkIntegrity(sqlite, filename),
    setPatience(patienceMs) {
      locks.patienceMs = patienceMs;
    },
    async close() {
      await queries.destroy();
      sqlite.close();
    },
  };
}

function openSqlite(filename: string): SQLite.Database {
  let sqlite: SQLite.Database | undefined;
  try {
    if (filename !== ':memory:') restrictToOwner(filename);
    sqlite = new SQLite(filename, { timeout: OPEN_TIMEOUT_MS });
    sqlite.pragma('journal_mode = WAL');
    sqlite.pragma('synchronous = NORMAL');
    sqlite.pragma('foreign_keys = ON');
    // The first page at least, so that a file that is no database is refused here.
    sqlite.prepare('SELECT count(*) FROM sqlite_master').get();
    sqlite.pragma('busy_timeout = 0');
    return sqlite;
  } catch (error) {
    sqlite?.close();
    throw databaseError(error, filename);
  }
}

/** SQLite gives the files beside the database (-wal, -shm) the mode of the database itself. */
function restrictToOwner(filename: string): void {
  createFileIfMissing(filename);
  for (const suffix of ['', '-wal', '-shm']) restrictIfThere(`${filename}${suffix}`);
}

function restrictIfThere(path: string): void {
  try {
    chmodSync(path, OWNER_ONLY);
  } catch (error) {
    // Another process may have just removed the file, or another user own it: then the mode is theirs to set.
    if (!['ENOENT', 'EPERM'].includes(sqliteCodeOf(error) ?? '')) throw error;
  }
}

function checkIntegrity(sqlite: SQLite.Database, filename: string): void {
  let finding: unknown;
  try {
    finding = sqlite.pragma('quick_check(1)', { simple: true });
  } catch (error) {
    throw databaseError(error, filename);
  }
  if (finding !== 'ok') throw databaseError(new DatabaseCorruptError(String(finding)), filename);
}

function databaseError(error: unknown, filename: string): Error {
  const code = sqliteCodeOf(error) ?? '';
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof DatabaseCorruptError || /^SQLITE_(CORRUPT|NOTADB)/.test(code)) {
    return new DatabaseCorruptError(
      `The database ${filename} is damaged or is not a database (${reason}). Restore it from a backup, or move it away to start with an empty one.`,
      { cause: error },
    );
  }
  return new DatabaseUnavailableError(`The database ${filename} cannot be opened: ${reason}.`, {
    cause: error,
  });
}
