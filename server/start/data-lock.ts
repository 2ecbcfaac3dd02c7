import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { sqliteCodeOf } from '../../db/database-error.ts';
import { type FileLock, isFileLocked, tryLockFile } from '../../db/file-lock.ts';
import { StartError, startErrorFor } from '../errors/start-error.ts';
import {
  describeHolder,
  type LockHolder,
  readHolder,
  removeHolder,
  writeHolder,
} from './lock-holder.ts';

const LOCK_FILE = 'server.lock';
const RETRY_DELAY_MS = 20;

/** A look at the lock takes microseconds, and a new holder writes its description a moment after the lock. */
const MIN_WAIT_MS = 500;

/** An administrator's command has the lock while it changes the tables. */
const COMMAND_WAIT_MS = 10_000;

/** An exclusive lock on a directory. The kernel releases it at any death of the process. */
export interface DataLock {
  readonly directory: string;
  release(): void;
}

/** The state of a directory's lock; `holder` is undefined if the process has not described itself. */
export type LockState =
  | { readonly isHeld: false }
  | { readonly isHeld: true; readonly holder: LockHolder | undefined };

/** Another process has the lock. Ends with the code that asks to try again later. */
export class DirectoryInUseError extends StartError {
  readonly holder: LockHolder | undefined;

  constructor(setting: string, holder: LockHolder | undefined) {
    super(
      `${setting}: in use by ${describeHolder(holder)}. Stop that process first, or choose another directory.`,
      { exitCode: 75 },
    );
    this.name = 'DirectoryInUseError';
    this.holder = holder;
  }
}

interface LockRequest {
  /** Exists already. */
  readonly directory: string;
  /** The setting and its value, to start messages with: `--data /srv/myftp`. */
  readonly setting: string;
  readonly holder: Omit<LockHolder, 'pid' | 'host' | 'sinceMs'>;
  /** Time to wait for a server that has the lock; a command is waited for up to 10 s. */
  readonly waitMs?: number;
}

/**
 * Takes the exclusive lock on a directory: one server at a time, also within this process.
 *
 * @throws DirectoryInUseError with the name of the holder.
 * @throws StartError if the directory cannot be locked.
 */
export async function acquireLock(request: LockRequest): Promise<DataLock> {
  const { directory, setting, waitMs = MIN_WAIT_MS } = request;
  const startMs = performance.now();
  for (;;) {
    const lock = tryLock(directory, setting);
    if (lock !== undefined) return described(lock, request);
    const other = readHolder(descriptionFile(directory));
    const patienceMs = other?.kind === 'command' ? Math.max(waitMs, COMMAND_WAIT_MS) : waitMs;
    if (performance.now() - startMs >= patienceMs) throw new DirectoryInUseError(setting, other);
    await delay(RETRY_DELAY_MS);
  }
}

/**
 * Holder of a directory's lock. Disturbs neither the holder nor a process that is taking the lock.
 *
 * @throws the error of the system or of SQLite if this user may not read the lock file.
 */
export async function inspectLock(directory: string): Promise<LockState> {
  const file = path.join(directory, LOCK_FILE);
  if (!existsSync(file) || !isFileLocked(file)) return { isHeld: false };
  const startMs = performance.now();
  for (;;) {
    const holder = readHolder(descriptionFile(directory));
    if (holder !== undefined || performance.now() - startMs >= MIN_WAIT_MS) {
      return isFileLocked(file) ? { isHeld: true, holder } : { isHeld: false };
    }
    await delay(RETRY_DELAY_MS);
  }
}

function tryLock(directory: string, setting: string): FileLock | undefined {
  try {
    return tryLockFile(path.join(directory, LOCK_FILE));
  } catch (error) {
    if (sqliteCodeOf(error)?.startsWith('SQLITE_') !== true)
      throw startErrorFor({ setting, error });
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(
      `${setting}: ${LOCK_FILE} cannot be locked (${reason}). It must belong to the user of the server, on a file system that has locks.`,
      { exitCode: 78, cause: error },
    );
  }
}

function described(lock: FileLock, { directory, holder }: LockRequest): DataLock {
  const file = descriptionFile(directory);
  writeHolder(file, { ...holder, pid: process.pid, host: hostname(), sinceMs: Date.now() });
  let isHeld = true;
  return {
    directory,
    release() {
      // The description may be the next holder's by now.
      if (isHeld) removeHolder(file);
      isHeld = false;
      lock.release();
    },
  };
}

/** The files of a directory's lock. */
export function lockFiles(directory: string): readonly string[] {
  return [path.join(directory, LOCK_FILE), descriptionFile(directory)];
}

/** Valid while the lock is held; a killed process leaves one that is ignored. */
function descriptionFile(directory: string): string {
  return path.join(directory, `${LOCK_FILE}.json`);
}
