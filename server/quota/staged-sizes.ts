import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ignoreMissing } from '../disk/disk.ts';

/** A file of a staging area. */
interface StagedFile {
  /** Id of the upload. */
  readonly id: string;
  readonly sizeBytes: number;
}

/** The partials of an account, and the uploads that this process runs; none if there is no staging area yet. */
export async function stagedSizes({
  stagingPath,
  runningPath,
}: {
  readonly stagingPath: string;
  readonly runningPath: string;
}): Promise<readonly StagedFile[]> {
  // In this order, so that an upload that resumes a partial is found once at least.
  return [...(await sizesIn(stagingPath)), ...(await sizesIn(runningPath))];
}

async function sizesIn(stagingPath: string): Promise<readonly StagedFile[]> {
  const ids = (await readdir(stagingPath).catch(ignoreMissing)) ?? [];
  const files = ids.map(async (id) => {
    const stats = await lstat(join(stagingPath, id)).catch(ignoreMissing);
    return { id, sizeBytes: stats?.isFile() === true ? stats.size : 0 };
  });
  return Promise.all(files);
}
