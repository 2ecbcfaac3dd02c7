import { existsSync, readdirSync } from 'node:fs';
import { chmod, open } from 'node:fs/promises';
import path from 'node:path';
import { backupDatabase } from '../../db/backup-database.ts';
import { DataRootRepository } from '../../db/data-root-repository.ts';
import { inspectDatabase } from '../../db/inspect-database.ts';
import { openDatabase } from '../../db/open-database.ts';
import { makeDirectory } from '../disk/make-directory.ts';
import { CommandError } from '../errors/command-error.ts';
import { copyDurably, syncDirectory, writeDurably } from './copy-durably.ts';
import {
  BACKUP_FILES,
  type BackupFile,
  describeFile,
  MANIFEST_FILE,
  type Manifest,
  manifestText,
} from './manifest.ts';

const OWNER_ONLY = 0o700;

interface BackupRequest {
  readonly dataDir: string;
  /** Missing or empty. */
  readonly directory: string;
  readonly version: string;
  readonly nowMs: number;
}

/**
 * Backs up what the server keeps beside the files of the accounts: the database, which may be in use, and the
 * certificate that it has made.
 *
 * @throws CommandError
 * @throws DatabaseError
 */
export async function writeBackup(request: BackupRequest): Promise<Manifest & WrittenHomes> {
  const { dataDir, directory, version, nowMs } = request;
  requireNew(directory);
  const database = path.join(directory, 'myftp.db');
  if (makeDirectory(directory).length > 0) await chmod(directory, OWNER_ONLY);
  await backupDatabase(path.join(dataDir, 'myftp.db'), database);
  await syncFile(database);
  const files: BackupFile[] = ['myftp.db'];
  for (const file of ['tls/certificate.pem', 'tls/key.pem'] as const) {
    const source = path.join(dataDir, file);
    if (!existsSync(source)) continue;
    const target = path.join(directory, file);
    makeDirectory(path.dirname(target));
    await copyDurably(source, { file: target, mode: BACKUP_FILES[file] });
    files.push(file);
  }
  const manifest = {
    version,
    createdAt: new Date(nowMs).toISOString(),
    rootDir: await rememberedRoot(database),
    files: await Promise.all(files.map((file) => describeFile(directory, file))),
  };
  const text = manifestText(manifest);
  await writeDurably(text, { file: path.join(directory, MANIFEST_FILE), mode: 0o600 });
  return { ...JSON.parse(text), homesElsewhere: await homesElsewhereIn(database) };
}

interface WrittenHomes {
  /** Homes outside of the root, which hold files of accounts, too. */
  readonly homesElsewhere: readonly string[];
}

function requireNew(directory: string): void {
  if (!existsSync(directory) || readdirSync(directory).length === 0) return;
  throw new CommandError(
    `${directory} is not empty. Name a directory that does not exist yet, such as ${directory}/${new Date().toISOString().slice(0, 10)}.`,
  );
}

async function rememberedRoot(filename: string): Promise<string | null> {
  const database = openDatabase(filename);
  try {
    return (await new DataRootRepository(database.queries).find()) ?? null;
  } finally {
    await database.close();
  }
}

/** The file is of the version that has written it, which may be an earlier one. */
async function homesElsewhereIn(filename: string): Promise<readonly string[]> {
  const { homesElsewhere = [] } = (await inspectDatabase(filename)) ?? {};
  return homesElsewhere.map(({ home }) => home);
}

async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  await syncDirectory(path.dirname(file));
}
