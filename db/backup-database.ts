import { existsSync } from 'node:fs';
import SQLite from 'better-sqlite3';
import { createFileIfMissing } from './create-file.ts';
import { DatabaseUnavailableError } from './database-error.ts';
import { openDatabase } from './open-database.ts';

const BUSY_TIMEOUT_MS = 5000;
const ALL_PAGES = 2 ** 31 - 1;

/**
 * Copies a database that may be in use to a new file, as of one moment, and checks the copy.
 *
 * @throws DatabaseCorruptError if the copy, and so the database, is damaged.
 * @throws DatabaseUnavailableError
 */
export async function backupDatabase(filename: string, target: string): Promise<void> {
  if (!existsSync(filename)) {
    throw new DatabaseUnavailableError(`There is no database ${filename}.`);
  }
  createFileIfMissing(target);
  const source = new SQLite(filename, { timeout: BUSY_TIMEOUT_MS, readonly: true });
  try {
    // All pages in one step: each change by the server would make a copy in many steps begin again.
    await source.backup(target, { progress: () => ALL_PAGES });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DatabaseUnavailableError(`The database ${filename} cannot be copied: ${reason}.`, {
      cause: error,
    });
  } finally {
    source.close();
  }
  await checkDatabase(target);
}

/**
 * Reads a database through.
 *
 * @throws DatabaseCorruptError
 */
export async function checkDatabase(filename: string): Promise<void> {
  const database = openDatabase(filename);
  try {
    database.checkIntegrity();
  } finally {
    await database.close();
  }
}

/** Merges SQLite's write-ahead log into a database that is not in use, as far as it can be read. */
export async function foldWal(filename: string): Promise<void> {
  try {
    await openDatabase(filename).close();
  } catch {
    // Damaged, and about to be replaced.
  }
}
