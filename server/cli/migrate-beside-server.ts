import type { Kysely } from 'kysely';
import { migrate, needsMigration } from '../../db/migrate.ts';
import type { Schema } from '../../db/schema.ts';
import type { Settings } from '../config/settings.ts';
import { CommandError } from '../errors/command-error.ts';
import { acquireLock, DirectoryInUseError } from '../start/data-lock.ts';
import { describeHolder } from '../start/lock-holder.ts';
import { readVersion } from '../version.ts';

/**
 * Migrates the tables for a command. A running server of an older version would fail on tables that it does not know,
 * so a command changes them only if no server runs. It holds the lock during the change; a server that starts then
 * waits.
 *
 * @throws CommandError if an older server is running.
 */
export async function migrateBesideServer(
  db: Kysely<Schema>,
  { dataDir, rootDir }: Settings,
): Promise<void> {
  if (!(await needsMigration(db))) return;
  const version = readVersion();
  try {
    const lock = await acquireLock({
      directory: dataDir,
      setting: `--data ${dataDir}`,
      holder: { kind: 'command', version, dataDir, rootDir },
    });
    try {
      await migrate(db);
    } finally {
      lock.release();
    }
  } catch (error) {
    // A server that has just started may have brought the tables up to date itself.
    if (!(error instanceof DirectoryInUseError) || !(await needsMigration(db))) throw error;
    throw new CommandError(
      `The database is in use by ${describeHolder(error.holder)}, and this command (version ${version}) would have to change its tables. Use the command of the server's version, or restart the server with this version first.`,
      { cause: error },
    );
  }
}
