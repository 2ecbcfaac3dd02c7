import { type HomePlace, homePathOf, stagingPathOf } from '../disk/home-place.ts';
import { type TreeSize, treeSize } from '../disk/tree-size.ts';
import { runInSlices } from '../scheduling/slice-clock.ts';
import { type Measurement, measurementOf } from './recounted-usage.ts';

/** Directories of the accounts' files. */
export interface Places {
  /** Holds the homes, except those that are elsewhere. */
  readonly rootDir: string;
  /** Bytes that an account is charged for in the trash. */
  trashBytes(accountId: number): Promise<number>;
}

/** Measures what an account uses while no server runs: its home, which must be mounted, its unfinished uploads and its trash. */
export async function measureAccount(
  account: HomePlace,
  { rootDir, trashBytes }: Places,
): Promise<{ readonly home: TreeSize; readonly measurement: Measurement }> {
  const home = await runInSlices(treeSize(homePathOf(rootDir, account.home)));
  const staged = await runInSlices(treeSize(stagingPathOf(rootDir, account)));
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
