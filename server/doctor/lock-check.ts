import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Settings } from '../config/settings.ts';
import { STAGING_DIRECTORY } from '../disk/staging-directory.ts';
import { inspectLock, type LockState } from '../start/data-lock.ts';
import { describeHolder, type LockHolder } from '../start/lock-holder.ts';
import { type Check, ok, problem, type Verdict, warning } from './finding.ts';

/** Data directory and staging directory have one owner at a time. */
export const lockCheck: Check = {
  id: 'lock',
  async inspect({ settings }) {
    const { dataDir, rootDir } = settings;
    const data = await inspectLock(dataDir);
    if (data.isHeld) return [heldVerdict(data, settings)];
    const staging = await inspectLock(join(rootDir, STAGING_DIRECTORY));
    if (!staging.isHeld) return [ok('No server or command of MyFTP uses these directories now.')];
    return [
      problem(
        `--root ${rootDir} is in use by ${describeHolder(staging.holder)}${dataOf(staging.holder)}.`,
        'Give each server a --root of its own, or stop the other one.',
      ),
    ];
  },
};

/** The process of the server that has the data directory, if it runs on this machine or container. */
export async function lockingServer(dataDir: string): Promise<number | undefined> {
  const state = await inspectLock(dataDir).catch(() => undefined);
  if (!state?.isHeld || state.holder === undefined) return undefined;
  const { kind, host, pid } = state.holder;
  return kind === 'server' && host === hostname() ? pid : undefined;
}

type Held = Extract<LockState, { isHeld: true }>;

function heldVerdict({ holder }: Held, { dataDir, rootDir }: Settings): Verdict {
  const named = `--data ${dataDir} is in use by ${describeHolder(holder)}`;
  if (holder === undefined || holder.rootDir === rootDir) return ok(`${named}.`);
  return warning(
    `${named}, with --root ${holder.rootDir}, not ${rootDir}.`,
    'Give doctor the settings of the running server, or restart it with these.',
  );
}

function dataOf(holder: LockHolder | undefined): string {
  return holder === undefined ? '' : `, with --data ${holder.dataDir}`;
}
