import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { STAGING_DIRECTORY } from '../files/staging-directory.ts';
import { inspectLock, type LockState } from '../start/data-lock.ts';
import { describeHolder, type LockHolder } from '../start/lock-holder.ts';
import { type Check, ok, problem, type Verdict } from './finding.ts';

/** The locks that a server has on its data directory and on the staging directory below its root. */
export const lockCheck: Check = {
  id: 'lock',
  async inspect({ settings: { dataDir, rootDir } }) {
    const data = await stateOf(dataDir);
    const staging = await stateOf(join(rootDir, STAGING_DIRECTORY));
    if (!data.isHeld) return staging.isHeld ? [otherOwner(rootDir, staging.holder)] : [FREE];
    if (staging.isHeld || data.holder?.kind === 'command') {
      return [ok(`In use by ${describeHolder(data.holder)}.`)];
    }
    return [otherRoot({ dataDir, rootDir }, data.holder)];
  },
};

const FREE = ok('No server uses the data directory.');

async function stateOf(directory: string): Promise<LockState> {
  return existsSync(directory) ? await inspectLock(directory) : { isHeld: false };
}

function otherOwner(rootDir: string, holder: LockHolder | undefined): Verdict {
  return problem(
    `--root ${rootDir} is in use by ${describeHolder(holder)}${dataOf(holder)}, so that no server starts with it.`,
    'Give each server a root of its own, or name the data directory of that server.',
  );
}

function otherRoot(
  { dataDir, rootDir }: { dataDir: string; rootDir: string },
  holder: LockHolder | undefined,
): Verdict {
  const root = holder === undefined ? '' : `, with --root ${holder.rootDir}`;
  return problem(
    `--data ${dataDir} is in use by ${describeHolder(holder)}${root}, not with --root ${rootDir}.`,
    'Give doctor the settings of the server, or stop the server before changing its root.',
  );
}

function dataOf(holder: LockHolder | undefined): string {
  return holder === undefined ? '' : `, with --data ${holder.dataDir}`;
}
