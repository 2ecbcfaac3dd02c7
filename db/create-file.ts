import { closeSync, openSync } from 'node:fs';
import { sqliteCodeOf } from './database-error.ts';
import { inheritOwner } from './inherit-owner.ts';

const OWNER_ONLY = 0o600;

/**
 * Makes an empty file for SQLite, readable by its owner only, unless it exists. A file that exists is not
 * opened: to close it would end the locks that SQLite has on it for this process (`fcntl`).
 *
 * @throws the system's error.
 */
export function createFileIfMissing(file: string): void {
  try {
    const descriptor = openSync(file, 'wx', OWNER_ONLY);
    inheritOwner(descriptor, file);
    closeSync(descriptor);
  } catch (error) {
    if (sqliteCodeOf(error) !== 'EEXIST') throw error;
  }
}
