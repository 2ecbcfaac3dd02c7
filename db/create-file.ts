import { closeSync, openSync } from 'node:fs';
import { sqliteCodeOf } from './database-error.ts';

const OWNER_ONLY = 0o600;

/**
 * Makes an empty file for SQLite, readable by its owner only, unless it exists. A file that exists is not
 * opened: to close it would end the locks that SQLite has on it for this process (`fcntl`).
 *
 * @throws the system's error.
 */
export function createFileIfMissing(path: string): void {
  try {
    closeSync(openSync(path, 'wx', OWNER_ONLY));
  } catch (error) {
    if (sqliteCodeOf(error) !== 'EEXIST') throw error;
  }
}
