import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import type { InspectedFolder } from '../../db/inspect-folders.ts';
import { isHomeMounted, markerOf } from '../disk/home-marker.ts';
import { homePathOf } from '../disk/home-place.ts';
import { type Check, ok, problem, type Verdict } from './finding.ts';

/** Shared folders: whether the directory of each exists, and the server can write to it. */
export const foldersCheck: Check = {
  id: 'folders',
  async inspect({ settings: { rootDir }, database }) {
    const { folders = [] } = (await database()) ?? {};
    if (folders.length === 0) return [ok('There are no shared folders.')];
    const problems = folders.flatMap((folder) => problemOf(folder, rootDir) ?? []);
    if (problems.length > 0) return problems;
    return [ok('The directories of the shared folders exist and are writable.')];
  },
};

function problemOf(folder: InspectedFolder, rootDir: string): Verdict | undefined {
  const home = homePathOf(rootDir, folder.home);
  const directory = join(home, folder.directory);
  const named = `${directory}, the directory of the shared folder ${folder.name},`;
  if (!isHomeMounted(folder)) {
    return problem(
      `${named} is missing or not the directory that it was; no account sees the folder.`,
      `Mount its file system. If this is the right directory, write ${folder.homeId} to ${markerOf(home)} (mode 600, its directory 700, both of the server's user).`,
    );
  }
  try {
    if (!statSync(directory).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    return problem(
      `${named} cannot be used by this user (${code}).`,
      `Create it or give it to the user that the server runs as, or remove the folder: myftp-server folder remove ${folder.name}.`,
    );
  }
}
