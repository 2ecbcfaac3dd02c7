import { join } from 'node:path';
import type { AccountRecord } from '../../db/account-repository.ts';
import { type TreeSize, treeSize } from '../disk/tree-size.ts';
import { runInSlices } from '../scheduling/slice-clock.ts';
import { type Measurement, measurementOf } from './recounted-usage.ts';

/** Directories of the accounts' files. */
export interface Places {
  /** Holds the homes. */
  readonly rootDir: string;
  /** Holds a directory of unfinished uploads per account, named by the account's id. */
  readonly stagingDir: string;
  /** Bytes that an account is charged for in the trash. */
  trashBytes(accountId: number): Promise<number>;
}

/** Measures what an account uses while no server runs: its home, its unfinished uploads and its trash. */
export async function measureAccount(
  account: Pick<AccountRecord, 'id' | 'home'>,
  { rootDir, stagingDir, trashBytes }: Places,
): Promise<{ readonly home: TreeSize; readonly measurement: Measurement }> {
  const home = await runInSlices(treeSize(join(rootDir, account.home)));
  const staged = await runInSlices(treeSize(join(stagingDir, String(account.id))));
  return {
    home,
    measurement: measurementOf(home, { staged, trashBytes: await trashBytes(account.id) }),
  };
}

/** The sizes of all plain files below a directory that can be read, in bytes; 0 if it does not exist. */
export async function recount({
  directoryPath,
}: {
  readonly directoryPath: string;
}): Promise<number> {
  return (await runInSlices(treeSize(directoryPath))).sizeBytes;
}
