import { type HomePlace, homePathOf, stagingPathOf } from '../disk/home-place.ts';
import { type TreeSize, treeSize } from '../disk/tree-size.ts';
import { runInSlices } from '../scheduling/slice-clock.ts';
import { type Measurement, measurementOf } from './recounted-usage.ts';

/** Measures what an account uses while no server runs: its home, which must be mounted, and its unfinished uploads. */
export async function measureAccount(
  account: HomePlace,
  rootDir: string,
): Promise<{ readonly home: TreeSize; readonly measurement: Measurement }> {
  const home = await runInSlices(treeSize(homePathOf(rootDir, account.home)));
  const staged = await runInSlices(treeSize(stagingPathOf(rootDir, account)));
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
