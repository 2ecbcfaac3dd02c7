/** A database that cannot be used. The message is a sentence for the administrator and names the file. */
export abstract class DatabaseError extends Error {}

/** The file is damaged, or no SQLite database at all. */
export class DatabaseCorruptError extends DatabaseError {}

/** A later version of MyFTP has changed the tables; going back needs a backup. */
export class DatabaseTooNewError extends DatabaseError {}

/** The file cannot be opened: the directory is missing, or the system forbids it. */
export class DatabaseUnavailableError extends DatabaseError {}

/** Another process has kept the database locked for longer than the statement could wait. */
export class DatabaseBusyError extends DatabaseError {}

/** The code of an error of SQLite, such as `SQLITE_CONSTRAINT_UNIQUE`. */
export function sqliteCodeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** Whether a row was refused because another row has its key. */
export function isUniqueViolation(error: unknown): boolean {
  const code = sqliteCodeOf(error);
  return code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY';
}

/** Whether the disk of the database is full. Statements that only read still work. */
export function isOutOfRoom(error: unknown): boolean {
  return /^SQLITE_(FULL|IOERR)/.test(sqliteCodeOf(error) ?? '');
}

/** Whether another connection has the lock that a statement needs. */
export function isBusy(error: unknown): boolean {
  return /^SQLITE_BUSY/.test(sqliteCodeOf(error) ?? '');
}
