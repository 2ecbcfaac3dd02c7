import { existsSync } from 'node:fs';
import path from 'node:path';
import { DatabaseError } from '../../db/database-error.ts';
import { readBackup } from '../backup/manifest.ts';
import { restoreBackup } from '../backup/restore-backup.ts';
import { writeBackup } from '../backup/write-backup.ts';
import { makeDirectory } from '../disk/make-directory.ts';
import { CommandError } from '../errors/command-error.ts';
import { acquireLock } from '../start/data-lock.ts';
import { readVersion } from '../version.ts';
import type { AdministrationRequest } from './administration.ts';
import { confirm } from './questions.ts';

/** Runs `myftp-server backup <dir>`. */
export async function backUp(request: AdministrationRequest): Promise<void> {
  const { context, settings } = request;
  const directory = directoryIn(request);
  const { dataDir } = settings;
  const { files, rootDir, homesElsewhere } = await asCommandErrors(directory, () =>
    writeBackup({ dataDir, directory, version: readVersion(), nowMs: Date.now() }),
  );
  const names = files.map((file) => file.path).join(', ');
  const homes = [rootDir ?? settings.rootDir, ...homesElsewhere].join(', ');
  context.stdout.write(
    `Backed up ${names} to ${directory}.\nThe files of the accounts are not in it: back up ${homes} after this.\n`,
  );
}

/** Runs `myftp-server restore <dir>`. */
export async function restore(request: AdministrationRequest): Promise<void> {
  const { context, settings, options } = request;
  const { dataDir, rootDir } = settings;
  const directory = directoryIn(request);
  const manifest = await readBackup(directory);
  const question = `Replace the database in ${dataDir} by the backup of ${manifest.createdAt}?`;
  const isEmpty = !existsSync(path.join(dataDir, 'myftp.db'));
  if (!isEmpty && options.yes !== true && !(await confirm(context, question))) {
    throw new CommandError('Nothing was restored.');
  }
  await asCommandErrors(dataDir, async () => {
    makeDirectory(dataDir);
    const holder = { kind: 'command', version: readVersion(), dataDir, rootDir } as const;
    const lock = await acquireLock({ directory: dataDir, setting: `--data ${dataDir}`, holder });
    try {
      await restoreBackup({ dataDir, directory, manifest, nowMs: Date.now() });
    } finally {
      lock.release();
    }
  });
  const before = isEmpty ? '' : ' The database before is myftp.db.replaced beside it.';
  context.stdout.write(
    `Restored the backup of ${manifest.createdAt} to ${dataDir}.${before} The next start measures all files.\n`,
  );
}

function directoryIn({ args, context }: AdministrationRequest): string {
  const [directory = ''] = args;
  return path.resolve(context.cwd, directory);
}

/** Failures of the disk and the database in a sentence. */
async function asCommandErrors<Result>(
  where: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DatabaseError) throw new CommandError(error.message, { cause: error });
    const { code, path: at = where, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    throw new CommandError(`${at}: ${syscall} failed (${code}).`, { cause: error });
  }
}
