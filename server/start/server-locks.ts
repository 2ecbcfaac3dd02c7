import { join } from 'node:path';
import { STAGING_DIRECTORY } from '../files/staging-directory.ts';
import { makeDirectory } from '../make-directory.ts';
import { acquireLock, type DataLock } from './data-lock.ts';
import { startErrorFor } from './start-errors.ts';

interface Owned {
  readonly dataDir: string;
  readonly rootDir: string;
}

interface Owner {
  readonly kind: 'server' | 'command';
  readonly version: string;
}

/**
 * Takes the locks on the data directory and on the staging directory, which another data directory may
 * share. To be held before anything in them is read, changed or swept.
 *
 * @throws DirectoryInUseError
 */
export async function acquireServerLocks(
  { dataDir, rootDir }: Owned,
  owner: Owner,
): Promise<Pick<DataLock, 'release'>> {
  const holder = { ...owner, dataDir, rootDir };
  const dataLock = await acquireLock({ directory: dataDir, setting: `--data ${dataDir}`, holder });
  try {
    const directory = join(rootDir, STAGING_DIRECTORY);
    const setting = `--root ${rootDir}`;
    makeStagingDirectory(directory, setting);
    const stagingLock = await acquireLock({ directory, setting, holder });
    return {
      release() {
        stagingLock.release();
        dataLock.release();
      },
    };
  } catch (error) {
    dataLock.release();
    throw error;
  }
}

function makeStagingDirectory(directory: string, setting: string): void {
  try {
    makeDirectory(directory);
  } catch (error) {
    throw startErrorFor({ setting, error });
  }
}
