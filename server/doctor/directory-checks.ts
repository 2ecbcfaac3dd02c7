import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Check, type CheckId, ok, problem, type Verdict, warning } from './finding.ts';

const OTHERS_WRITE = 0o002;

export const directoryChecks: readonly Check[] = [
  ownDirectory('data', ({ dataDir }) => dataDir),
  ownDirectory('root', ({ rootDir }) => rootDir),
  ownDirectory('log-dir', ({ logDir }) => logDir),
];

function ownDirectory(
  id: CheckId,
  directoryOf: (settings: Parameters<Check['inspect']>[0]['settings']) => string,
): Check {
  return {
    id,
    inspect: async ({ settings }) => inspectOwn(`--${id}`, directoryOf(settings)),
  };
}

/** A directory that the server writes to, and makes if it is missing. */
function inspectOwn(setting: string, directory: string): readonly Verdict[] {
  const named = `${setting} ${directory}`;
  try {
    const { uid, mode } = requireDirectory(directory);
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    return [...ownerVerdict(named, uid), ...modeVerdict(named, mode), ok(`${named} is writable.`)];
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    return [code === 'ENOENT' ? missing(named, directory) : unusable(named, code)];
  }
}

/** The facts of a directory. @throws the error of the system, or ENOTDIR. */
export function requireDirectory(directory: string) {
  const stats = statSync(directory);
  if (!stats.isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
  return stats;
}

function missing(named: string, directory: string): Verdict {
  const parent = existingParent(directory);
  try {
    requireDirectory(parent);
    accessSync(parent, constants.W_OK | constants.X_OK);
    return ok(`${named} does not exist yet; the first start makes it.`);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    return problem(
      `${named} does not exist, and this user cannot make it in ${parent} (${code}).`,
      'Make it and give it to the user that the server runs as (mkdir, chown), or name another directory.',
    );
  }
}

/** The directory itself, or the nearest one above it that exists. */
export function existingParent(directory: string): string {
  try {
    statSync(directory);
    return directory;
  } catch {
    return existingParent(dirname(directory));
  }
}

const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: 'Give it to the user that the server runs as: chown, and chmod u+rwx.',
  EROFS: 'Mount its file system writable.',
  ENOTDIR: 'Name a directory.',
};

function unusable(named: string, code: string): Verdict {
  return problem(
    `${named} cannot be used by this user (${code}).`,
    REMEDIES[code] ?? 'Name another directory, or look at its file system.',
  );
}

/** Root may do everything, which says nothing about the server's user. */
function* ownerVerdict(named: string, uid: number): Generator<Verdict> {
  const own = process.geteuid?.() ?? 0;
  if (own === uid) return;
  yield warning(
    `${named} belongs to the user with the number ${uid}, and doctor runs as number ${own}.`,
    'Run doctor as the user that the server runs as, with sudo -u; else it cannot judge the rights.',
  );
}

function* modeVerdict(named: string, mode: number): Generator<Verdict> {
  if ((mode & OTHERS_WRITE) === 0) return;
  yield warning(
    `Every user of this host can write to ${named}.`,
    'Take that right away: chmod o-w.',
  );
}
