import { closeSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import * as v from 'valibot';
import { inheritOwner } from '../../db/inherit-owner.ts';

/** Only the user of the server and its group need to know. */
const DESCRIPTION_MODE = 0o640;

const schema = v.object({
  /** A running server, or an administrator's command that excludes a server. */
  kind: v.picklist(['server', 'command']),
  pid: v.number(),
  /** Name of the machine or container; the process number counts there. */
  host: v.string(),
  sinceMs: v.number(),
  version: v.string(),
  dataDir: v.string(),
  rootDir: v.string(),
});

/** The process that has a lock, as it describes itself. */
export type LockHolder = Readonly<v.InferOutput<typeof schema>>;

/** Writes the description beside the lock. Without it (disk full) the lock protects as well. */
export function writeHolder(file: string, holder: LockHolder): void {
  try {
    const newFile = `${file}.new`;
    rmSync(newFile, { force: true });
    const descriptor = openSync(newFile, 'wx', DESCRIPTION_MODE);
    try {
      inheritOwner(descriptor, file);
      writeFileSync(descriptor, `${JSON.stringify(holder)}\n`);
    } finally {
      closeSync(descriptor);
    }
    renameSync(newFile, file);
  } catch {
    removeHolder(file);
  }
}

/** @returns undefined if there is no description that can be read. */
export function readHolder(file: string): LockHolder | undefined {
  try {
    const result = v.safeParse(schema, JSON.parse(readFileSync(file, 'utf8')));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}

export function removeHolder(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // The next holder overwrites it, and without the lock it is ignored.
  }
}

/** `myftp-server 0.1.0 (pid 4711 on box), running since 2026-01-31 12:00:00 UTC` */
export function describeHolder(holder: LockHolder | undefined): string {
  if (holder === undefined) return 'another process of MyFTP';
  const { kind, pid, host, version, sinceMs } = holder;
  const since = new Date(sinceMs).toISOString().slice(0, 19).replace('T', ' ');
  const what = kind === 'server' ? 'myftp-server' : 'an administrative command of myftp-server';
  return `${what} ${version} (pid ${pid} on ${host}), running since ${since} UTC`;
}
