import path from 'node:path';
import { DataRootRepository } from '../../db/data-root-repository.ts';
import { requireRecountOfAll } from '../../db/last-run.ts';
import { migrate } from '../../db/migrate.ts';
import { openDatabase } from '../../db/open-database.ts';
import { makeDirectory } from '../disk/make-directory.ts';
import { STAGING_DIRECTORY } from '../disk/staging-directory.ts';
import { acquireLock } from '../start/data-lock.ts';
import { requireReadable } from '../start/directories.ts';
import { readVersion } from '../version.ts';
import { type AdministrationRequest, administer } from './administration.ts';

/** Runs `myftp-server root [dir]`. */
export async function showOrSetRoot(request: AdministrationRequest): Promise<void> {
  const { args, context, settings, givenRoot } = request;
  const [given] = args;
  const rootDir = await administer(
    { settings, givenRoot, ifMissing: 'refuse' },
    async (administration) =>
      given === undefined ? administration.rootDir() : path.resolve(context.cwd, given),
  );
  if (given === undefined) {
    context.stdout.write(`${rootDir}\n`);
    return;
  }
  await changeRoot(settings.dataDir, rootDir);
  context.stdout.write(
    `The homes are in ${rootDir} from now on. Start the server with --root ${rootDir}; it will measure all files.\n`,
  );
}

/** @throws StartError if a server is running, or the directory is missing. */
async function changeRoot(dataDir: string, rootDir: string): Promise<void> {
  await requireReadable('root', rootDir);
  const lock = await acquireLock({
    directory: dataDir,
    setting: `--data ${dataDir}`,
    holder: { kind: 'command', version: readVersion(), dataDir, rootDir },
  });
  try {
    // Says that an empty root is meant, too.
    makeDirectory(path.join(rootDir, STAGING_DIRECTORY));
    const database = openDatabase(path.join(dataDir, 'myftp.db'));
    try {
      await migrate(database.queries);
      await new DataRootRepository(database.queries).remember(rootDir, Date.now());
      await requireRecountOfAll(database.queries, Date.now());
    } finally {
      await database.close();
    }
  } finally {
    lock.release();
  }
}
