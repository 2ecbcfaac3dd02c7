import { type Kysely, sql } from 'kysely';
import type { Schema } from './schema.ts';

/** Runs one statement that waits for the disk, so that not even a power cut undoes it. */
export function durably<Result>(
  db: Kysely<Schema>,
  task: (connection: Kysely<Schema>) => Promise<Result>,
): Promise<Result> {
  return db.connection().execute(async (connection) => {
    await sql`PRAGMA synchronous = FULL`.execute(connection);
    try {
      return await task(connection);
    } finally {
      await sql`PRAGMA synchronous = NORMAL`.execute(connection);
    }
  });
}
