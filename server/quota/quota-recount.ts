import { join } from 'node:path';
import type { AccountRecord } from '../../db/account-repository.ts';
import { type TreeSize, treeSize } from '../disk/tree-size.ts';
import { runInSlices } from '../scheduling/slice-clock.ts';
import { type Measurement, measurementOf } from './recounted-usage.ts';

/** Directories of the accounts' files. */
interface Places {
  /** Holds the homes. */
  readonly rootDir: string;
  /** Holds a directory of unfinished uploads per account, named by the account's id. */
  readonly stagingDir: string;
}

/** Measures what an account uses while no server runs: its home and its unfinished uploads. */
export async function measureAccount(
  account: Pick<AccountRecord, 'id' | 'home'>,
  { rootDir, stagingDir }: Places,
): Promise<{ readonly home: TreeSize; readonly measurement: Measurement }> {
  const home = await runInSlices(treeSize(join(rootDir, account.home)));
  const staged = await runInSlices(treeSize(join(stagingDir, String(account.id))));
  return { home, measurement: measurementOf(home, staged) };
}

/** The sizes of all plain files below a directory that can be read, in bytes; 0 if it does not exist. */
export async function recount({
  directoryPath,
}: {
  readonly directoryPath: string;
}): Promise<number> {
  return (await runInSlices(treeSize(directoryPath))).sizeBytes;
}
