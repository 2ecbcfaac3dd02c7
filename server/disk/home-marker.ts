import { chownSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HomePlace, isElsewhere } from './home-place.ts';
import type { OwnerIds } from './ownership.ts';
import { STAGING_DIRECTORY } from './staging-directory.ts';

/** File in the staging directory of a home outside of the root. */
const MARKER = 'home';

/**
 * Marks a directory as a home, so that another one in its place (a mount point without its file system) is never taken
 * for it.
 *
 * @param id is in the database, too.
 * @param server user that the server runs as; root gives it what is created.
 */
export function markHome(homePath: string, id: string, server: OwnerIds): void {
  const staging = join(homePath, STAGING_DIRECTORY);
  if (lstatSync(staging, { throwIfNoEntry: false })?.isDirectory() !== true) {
    mkdirSync(staging, { mode: 0o700 });
  }
  writeFileSync(markerOf(homePath), `${id}\n`, { mode: 0o600 });
  if (process.geteuid?.() !== 0) return;
  for (const path of [staging, markerOf(homePath)]) chownSync(path, server.uid, server.gid);
}

/**
 * Whether a home that is elsewhere is the directory that was marked. False if it is missing or cannot be read, as where
 * its file system is not mounted; always true for homes below the root.
 */
export function isHomeMounted({ home, homeId }: Omit<HomePlace, 'id'>): boolean {
  if (!isElsewhere(home)) return true;
  try {
    return readFileSync(markerOf(home), 'utf8').trim() === homeId;
  } catch {
    return false;
  }
}

export function markerOf(homePath: string): string {
  return join(homePath, STAGING_DIRECTORY, MARKER);
}
