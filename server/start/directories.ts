import { access, constants, stat } from 'node:fs/promises';
import type { Settings } from '../config.ts';
import { makeDirectory } from '../make-directory.ts';
import { StartError } from '../start-error.ts';
import { startErrorFor } from './start-errors.ts';

/**
 * Makes the directories that the server works in and checks that it can.
 *
 * @throws StartError
 */
export async function prepareDirectories(settings: Settings): Promise<void> {
  const { dataDir, rootDir, anonymousDir } = settings;
  await requireDescriptorPaths();
  await makeWritable('--data', dataDir);
  await makeWritable('--root', rootDir);
  if (anonymousDir === undefined) return;
  try {
    if (!(await stat(anonymousDir)).isDirectory()) throw notADirectory('--anonymous', anonymousDir);
    await access(anonymousDir, constants.R_OK | constants.X_OK);
  } catch (error) {
    throw startErrorFor({ setting: `--anonymous ${anonymousDir}`, error });
  }
}

async function makeWritable(setting: string, directory: string): Promise<void> {
  try {
    makeOrExplain(setting, directory);
    if (!(await stat(directory)).isDirectory()) throw notADirectory(setting, directory);
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw startErrorFor({ setting: `${setting} ${directory}`, error });
  }
}

function makeOrExplain(setting: string, directory: string): void {
  try {
    makeDirectory(directory);
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw new StartError(
      `${setting}: cannot make the directory ${directory} (${code}). Choose one that the server may write to.`,
      { exitCode: code === 'ENOSPC' ? 75 : 78, cause: error },
    );
  }
}

/** The jail asks the system where an open file lies; only Linux with /proc tells. */
async function requireDescriptorPaths(): Promise<void> {
  try {
    await access('/proc/self/fd', constants.R_OK | constants.X_OK);
  } catch (error) {
    throw new StartError('The server needs Linux with /proc mounted: it confines clients by it.', {
      exitCode: 1,
      cause: error,
    });
  }
}

function notADirectory(setting: string, directory: string): StartError {
  return new StartError(`${setting} ${directory}: not a directory.`, { exitCode: 78 });
}
