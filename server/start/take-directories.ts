import { join } from 'node:path';
import type { Settings } from '../config/settings.ts';
import { STAGING_DIRECTORY } from '../disk/staging-directory.ts';
import { TRASH_DIRECTORY } from '../trash/trash-directory.ts';
import { acquireLock, lockFiles } from './data-lock.ts';
import { checkDataRoot } from './data-root.ts';
import { makeWritable, requireDescriptorPaths, requireReadable } from './directories.ts';
import { findProcessUser, giveTo, type ProcessUser } from './process-user.ts';

/** The directories of a server, which no other process uses until they are released. */
export interface OwnedDirectories {
  /** Whether the root differs from that of the last run. */
  readonly root: 'same' | 'moved';
  /** Whom the process is to become before it uses them. */
  readonly user: ProcessUser | undefined;
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
  const user = findProcessUser(settings);
  await requireDescriptorPaths();
  if (anonymousDir !== undefined) await requireReadable('--anonymous', anonymousDir);
  const made = [...(await makeWritable('--data', dataDir))];
  const dataLock = await acquireLock({ directory: dataDir, setting: `--data ${dataDir}`, holder });
  try {
    const root = await checkDataRoot(settings);
    made.push(...(await makeWritable('--root', rootDir)));
    const directory = join(rootDir, STAGING_DIRECTORY);
    made.push(...(await makeWritable('--root', directory)));
    if (settings.keepDeletedMs > 0) {
      made.push(...(await makeWritable('--root', join(rootDir, TRASH_DIRECTORY))));
    }
    const stagingLock = await acquireLock({ directory, setting: `--root ${rootDir}`, holder });
    if (user !== undefined) giveTo(user, [...made, ...lockFiles(dataDir), ...lockFiles(directory)]);
    return {
      root,
      user,
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
