import { accessSync, constants, lchownSync, lstatSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import type { Settings } from '../config/settings.ts';
import { STAGING_DIRECTORY } from '../disk/staging-directory.ts';
import { StartError } from '../errors/start-error.ts';
import { shellWord } from '../logging/shell-word.ts';
import { groupIdOf, isKnownUser, primaryGroupOf, userIdOf } from '../system/user-ids.ts';
import { TRASH_DIRECTORY } from '../trash/trash-directory.ts';

/** The user that a server of root's becomes when its ports are bound. */
export interface ProcessUser {
  /** Name or number, as in the settings. */
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Looks up the user and group of the settings. Undefined where there is nothing to change.
 *
 * @throws StartError if they do not exist, or the process may not become them.
 */
export function findProcessUser({ user, group }: Settings): ProcessUser | undefined {
  if (user === undefined) return undefined;
  const uid = userIdOf(user);
  if (uid === undefined) throw unknown('user', user);
  const gid = group === undefined ? primaryGroupOf(user) : groupIdOf(group);
  if (gid === undefined) throw group === undefined ? groupless(user) : unknown('group', group);
  if (process.getuid?.() === uid && process.getgid?.() === gid) return undefined;
  if (process.geteuid?.() !== 0) {
    throw new StartError(
      `--user ${user}: only root can become another user, and this is ${userInfo().username}. Start the server as root or as ${user}, or leave the setting out.`,
      { exitCode: 78 },
    );
  }
  return { name: user, uid, gid };
}

/**
 * Gives what root has made for the server to the user: what is still root's. By path, as to open and close the
 * lock's file would end the lock.
 */
export function giveTo({ uid, gid }: ProcessUser, pathnames: Iterable<string>): void {
  for (const pathname of pathnames) {
    const stats = lstatSync(pathname, { throwIfNoEntry: false });
    if (stats?.uid !== 0 || (stats.isFile() && stats.nlink !== 1)) continue;
    lchownSync(pathname, uid, gid);
  }
}

/** Becomes the user for good, in all threads. */
export function becomeUser({ name, uid, gid }: ProcessUser): void {
  if (isKnownUser(name)) process.initgroups?.(name, gid);
  else process.setgroups?.([gid]);
  process.setgid?.(gid);
  process.setuid?.(uid);
}

/**
 * Checks, as the user, that the existing files can be used; nothing has been changed yet.
 *
 * @throws StartError with the command that gives the user its rights.
 */
export function requireAccess({ name, gid }: ProcessUser, settings: Settings): void {
  const { dataDir, rootDir, logDir } = settings;
  const { R_OK, W_OK, X_OK } = constants;
  for (const [setting, directory] of [
    ['--data', dataDir],
    ['--root', rootDir],
    ['--log-dir', logDir],
  ] as const) {
    const files = FILES[setting].map((file) => path.join(directory, file));
    const refused =
      isRefused(directory, R_OK | W_OK | X_OK) ||
      files.some((file) => isRefused(file, R_OK | W_OK));
    if (!refused) continue;
    throw new StartError(
      `${setting} ${directory}: the user ${name} may not write there. Give it the directory: chown -R ${name}:${gid} ${shellWord(directory)}`,
      { exitCode: 78 },
    );
  }
}

const FILES = {
  '--data': ['myftp.db', 'myftp.db-wal', 'myftp.db-shm', 'tls/key.pem'],
  '--root': [STAGING_DIRECTORY, TRASH_DIRECTORY],
  '--log-dir': ['server.log', 'connections.log', 'logins.log', 'signups.log', 'transfers.log'],
} as const;

function isRefused(pathname: string, mode: number): boolean {
  try {
    accessSync(pathname, mode);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

function unknown(kind: 'user' | 'group', name: string): StartError {
  const remedy =
    kind === 'user'
      ? `useradd --system --shell /usr/sbin/nologin ${name}`
      : `groupadd --system ${name}`;
  return new StartError(
    `--${kind} ${name}: there is no such ${kind}. Make it (${remedy}), or name another one.`,
    { exitCode: 78 },
  );
}

function groupless(user: string): StartError {
  return new StartError(
    `--user ${user}: the system knows no group of this user. Name one with --group.`,
    { exitCode: 78 },
  );
}
