import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Paths of the partials and running uploads in the staging directory of an account. */
export async function stagedFiles(stagingPath: string): Promise<string[]> {
  const entries = await readdir(stagingPath, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}
