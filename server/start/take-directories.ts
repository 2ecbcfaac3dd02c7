import { join } from 'node:path';
import type { Settings } from '../config.ts';
import { STAGING_DIRECTORY } from '../files/staging-directory.ts';
import { acquireLock } from './data-lock.ts';
import { checkDataRoot } from './data-root.ts';
import { makeWritable, requireDescriptorPaths, requireReadable } from './directories.ts';

/** The directories of a server, which no other process uses until they are released. */
export interface OwnedDirectories {
  /** Whether the root is another one than in the last run. */
  readonly root: 'same' | 'moved';
  release(): void;
}

/**
 * Makes the directories that the server works in, and takes the locks on the data directory and on the staging
 * directory, which another data directory may share. Nothing in them is read, changed or swept before.
 *
 * @throws DirectoryInUseError
 * @throws StartError
 */
export async function takeDirectories(
  settings: Settings,
  { version }: { readonly version: string },
): Promise<OwnedDirectories> {
  const { dataDir, rootDir, anonymousDir } = settings;
  const holder = { kind: 'server', version, dataDir, rootDir } as const;
  await requireDescriptorPaths();
  if (anonymousDir !== undefined) await requireReadable('--anonymous', anonymousDir);
  await makeWritable('--data', dataDir);
  const dataLock = await acquireLock({ directory: dataDir, setting: `--data ${dataDir}`, holder });
  try {
    const root = await checkDataRoot(settings);
    await makeWritable('--root', rootDir);
    const directory = join(rootDir, STAGING_DIRECTORY);
    await makeWritable('--root', directory);
    const stagingLock = await acquireLock({ directory, setting: `--root ${rootDir}`, holder });
    return {
      root,
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
