import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DataRootRepository } from '../../db/data-root-repository.ts';
import { openDatabase } from '../../db/open-database.ts';
import { STAGING_DIRECTORY } from '../disk/staging-directory.ts';
import { StartError, startErrorFor } from '../errors/start-error.ts';

interface Directories {
  readonly dataDir: string;
  readonly rootDir: string;
}

/**
 * Compares the root with the one that the database remembers. The files of the accounts may have moved, but an
 * empty directory in their place (a disk that is not mounted, a misspelt setting) would cost partial uploads,
 * and accounts would appear empty.
 *
 * @returns whether the root has moved; then all files are to be measured.
 * @throws StartError if the files are still in the remembered root, or are missing.
 */
export async function checkDataRoot({ dataDir, rootDir }: Directories): Promise<'same' | 'moved'> {
  const remembered = await rememberedRoot(dataDir);
  if (remembered === undefined) return 'same';
  if (isSameDirectory(remembered, rootDir)) {
    if (isMissingOrEmpty(rootDir)) throw filesMissing(rootDir);
    return 'same';
  }
  if (holdsFiles(remembered)) throw filesElsewhere(rootDir, remembered);
  return 'moved';
}

/**
 * The root of a data directory, as its last server was started with. Undefined for a new one.
 *
 * @throws StartError if the database cannot be opened.
 */
async function rememberedRoot(dataDir: string): Promise<string | undefined> {
  const file = join(dataDir, 'myftp.db');
  // Opening an empty file would write to it.
  const isEmpty = (statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0;
  if (isEmpty) return undefined;
  try {
    const database = openDatabase(file);
    try {
      return await new DataRootRepository(database.queries).find();
    } finally {
      await database.close();
    }
  } catch (error) {
    throw startErrorFor({ setting: '--data', error });
  }
}

/** Whether two paths name one directory, by links or in fact. */
export function isSameDirectory(one: string, other: string): boolean {
  return one === other || realPathOf(one) === realPathOf(other);
}

function realPathOf(directory: string): string {
  try {
    return realpathSync(directory);
  } catch {
    return directory;
  }
}

/** An empty directory, such as an unused mount point. */
export function isMissingOrEmpty(directory: string): boolean {
  return namesIn(directory).length === 0;
}

/** More than the staging directory, which remains when homes are moved one by one. */
function holdsFiles(directory: string): boolean {
  return namesIn(directory).some((name) => name !== STAGING_DIRECTORY);
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function filesMissing(rootDir: string): StartError {
  return new StartError(
    `--root ${rootDir}: the files of the accounts were in this directory, and it is missing or empty. Mount its file system, or name the directory that they are in now. To begin with an empty one, make it and run myftp-server root ${rootDir}.`,
    { exitCode: 75 },
  );
}

function filesElsewhere(rootDir: string, remembered: string): StartError {
  return new StartError(
    `--root ${rootDir}: the files of the accounts are in ${remembered}. Start with --root ${remembered}, move the files, or run myftp-server root ${rootDir} to use the new directory and leave them there.`,
    { exitCode: 78 },
  );
}
