import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ignoreMissing } from '../disk/disk.ts';

/** A file of a staging area. */
interface StagedFile {
  /** Id of the upload. */
  readonly id: string;
  readonly sizeBytes: number;
}

/** The files in the staging area of an account; none if there is no area yet. */
export async function stagedSizes(stagingPath: string): Promise<readonly StagedFile[]> {
  const ids = (await readdir(stagingPath).catch(ignoreMissing)) ?? [];
  const files = ids.map(async (id) => {
    const stats = await lstat(join(stagingPath, id)).catch(ignoreMissing);
    return { id, sizeBytes: stats?.isFile() === true ? stats.size : 0 };
  });
  return Promise.all(files);
}
