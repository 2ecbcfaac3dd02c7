import SQLite from 'better-sqlite3';
import { createFileIfMissing } from './create-file.ts';
import { sqliteCodeOf } from './database-error.ts';

/** An exclusive lock on a file. The kernel releases it when the process ends, however it ends. */
export interface FileLock {
  release(): void;
}

/**
 * Takes the lock on a file that has no other purpose, without waiting; creates the file if it is missing.
 *
 * Node has no `flock`, so this is an empty SQLite database with an open exclusive transaction: SQLite locks it with
 * `fcntl`. Such locks end when the process closes any descriptor of the file, so the file must not be opened otherwise.
 * SQLite tracks its own connections, so the lock also works within the process.
 *
 * @returns undefined if another connection has the lock.
 * @throws the error of the system or of SQLite if the file can be neither created nor locked.
 */
export function tryLockFile(path: string): FileLock | undefined {
  createFileIfMissing(path);
  const sqlite = new SQLite(path, { timeout: 0 });
  try {
    // The transaction never writes, and leaves no journal beside the file.
    sqlite.pragma('journal_mode = MEMORY');
    sqlite.exec('BEGIN EXCLUSIVE');
    return { release: () => void sqlite.close() };
  } catch (error) {
    sqlite.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
}

/**
 * Whether a process has the lock on a file. Takes a shared lock for microseconds to find out.
 *
 * @throws the error of the system or of SQLite if the file cannot be read.
 */
export function isFileLocked(path: string): boolean {
  const sqlite = new SQLite(path, { timeout: 0, readonly: true, fileMustExist: true });
  try {
    sqlite.prepare('SELECT count(*) FROM sqlite_master').get();
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    sqlite.close();
  }
}

function isBusy(error: unknown): boolean {
  return /^SQLITE_BUSY/.test(sqliteCodeOf(error) ?? '');
}
