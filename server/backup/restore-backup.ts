import { existsSync } from 'node:fs';
import { link, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { checkDatabase, foldWal } from '../../db/backup-database.ts';
import { requireRecountOfAll } from '../../db/last-run.ts';
import { needsMigration } from '../../db/migrate.ts';
import { openDatabase } from '../../db/open-database.ts';
import { makeDirectory } from '../disk/make-directory.ts';
import { copyDurably, syncDirectory } from './copy-durably.ts';
import { BACKUP_FILES, type Manifest } from './manifest.ts';

/** The database that a restore has replaced, should it have been the wrong one. */
const REPLACED = 'myftp.db.replaced';

interface RestoreRequest {
  /** Locked by the caller. */
  readonly dataDir: string;
  /** Directory of the backup, whose files have been checked. */
  readonly directory: string;
  readonly manifest: Manifest;
  readonly nowMs: number;
}

/**
 * Puts a backup in the place of what the data directory has. The next start measures all files, as they are
 * not those of the backup.
 *
 * @throws DatabaseError if this version cannot use the database of the backup; nothing is changed then.
 */
export async function restoreBackup(request: RestoreRequest): Promise<void> {
  const { dataDir, directory } = request;
  const database = path.join(dataDir, 'myftp.db');
  const restored = `${database}.restored`;
  await removeWithCompanions(restored);
  await copyDurably(path.join(directory, 'myftp.db'), { file: restored, mode: 0o600 });
  try {
    await prepare(restored, request.nowMs);
    await restoreCertificate(request);
    await replace(database, restored);
  } finally {
    await removeWithCompanions(restored);
  }
  await syncDirectory(dataDir);
}

/**
 * Files that SQLite reads beside a database by their names: those of another database would be replayed into this one.
 */
async function removeCompanions(database: string): Promise<void> {
  for (const suffix of ['-wal', '-shm', '-journal']) {
    await rm(`${database}${suffix}`, { force: true });
  }
}

async function removeWithCompanions(database: string): Promise<void> {
  await rm(database, { force: true });
  await removeCompanions(database);
}

/** Checks that this version can use the database, and has the next start check it against the files. */
async function prepare(filename: string, nowMs: number): Promise<void> {
  await checkDatabase(filename);
  const database = openDatabase(filename);
  try {
    await needsMigration(database.queries);
    await requireRecountOfAll(database.queries, nowMs);
  } finally {
    await database.close();
  }
}

/**
 * In one step, so that there is a database at every moment. The old write-ahead log is merged and removed first, so
 * that it never lies beside the new database.
 */
async function replace(database: string, restored: string): Promise<void> {
  if (existsSync(database)) {
    await foldWal(database);
    await removeCompanions(database);
    const replaced = path.join(path.dirname(database), REPLACED);
    await removeWithCompanions(replaced);
    await link(database, replaced);
  } else {
    await removeCompanions(database);
  }
  await syncDirectory(path.dirname(database));
  await rename(restored, database);
}

async function restoreCertificate({ dataDir, directory, manifest }: RestoreRequest): Promise<void> {
  const files = manifest.files.map((file) => file.path).filter((file) => file !== 'myftp.db');
  for (const file of files) {
    const target = path.join(dataDir, file);
    makeDirectory(path.dirname(target));
    const fresh = `${target}.restored`;
    await copyDurably(path.join(directory, file), { file: fresh, mode: BACKUP_FILES[file] });
    await rename(fresh, target);
  }
}
