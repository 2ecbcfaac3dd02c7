import { isAbsolute, join, resolve } from 'node:path';
import { STAGING_DIRECTORY } from './staging-directory.ts';

/** An account with its home: a name below the root, or an absolute path. */
export interface HomePlace {
  readonly id: number;
  readonly home: string;
  /** In the marker of a home that is elsewhere; see `markHome`. */
  readonly homeId?: string | null | undefined;
}

export function homePathOf(rootDir: string, home: string): string {
  return resolve(rootDir, home);
}

/** Whether the home is outside of the root, on a file system of its own perhaps. */
export function isElsewhere(home: string): boolean {
  return isAbsolute(home);
}

/** The directory with the staging directories of accounts: in the root, or in a home that is elsewhere. */
export function stagingDirOf(rootDir: string, home: string): string {
  return join(isElsewhere(home) ? home : rootDir, STAGING_DIRECTORY);
}

/** The account's own staging directory, on the file system of its home. */
export function stagingPathOf(rootDir: string, { id, home }: HomePlace): string {
  return join(stagingDirOf(rootDir, home), String(id));
}
