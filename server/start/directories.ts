import { access, constants, stat } from 'node:fs/promises';
import { makeDirectory } from '../disk/make-directory.ts';
import { StartError, startErrorFor } from '../errors/start-error.ts';

/** @throws StartError if guests could not list the directory. */
export async function requireReadable(setting: string, directory: string): Promise<void> {
  try {
    if (!(await stat(directory)).isDirectory()) throw notADirectory(setting, directory);
    await access(directory, constants.R_OK | constants.X_OK);
  } catch (error) {
    throw startErrorFor({ setting: `${setting} ${directory}`, error });
  }
}

/**
 * Makes a directory that the server writes to, unless it exists.
 *
 * @returns the directories that were missing.
 * @throws StartError if it cannot be made or written to.
 */
export async function makeWritable(setting: string, directory: string): Promise<readonly string[]> {
  try {
    const made = makeOrExplain(setting, directory);
    if (!(await stat(directory)).isDirectory()) throw notADirectory(setting, directory);
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    return made;
  } catch (error) {
    throw startErrorFor({ setting: `${setting} ${directory}`, error });
  }
}

function makeOrExplain(setting: string, directory: string): readonly string[] {
  try {
    return makeDirectory(directory);
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    throw new StartError(
      `${setting}: cannot make the directory ${directory} (${code}). Choose one that the server may write to.`,
      { exitCode: code === 'ENOSPC' ? 75 : 78, cause: error },
    );
  }
}

/**
 * The jail asks the system for the path of open files; only Linux with /proc reports it.
 *
 * @throws StartError
 */
export async function requireDescriptorPaths(): Promise<void> {
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
