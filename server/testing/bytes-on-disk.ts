import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { STAGING_DIRECTORY } from '../disk/staging-directory.ts';
import { treeSize } from '../disk/tree-size.ts';
import { recount } from '../quota/quota-recount.ts';
import { runInSlices } from '../scheduling/slice-clock.ts';

/** The bytes that all accounts use below a root: their homes and unfinished uploads. */
export async function bytesOnDisk(rootDir: string): Promise<number> {
  const names = await readdir(rootDir);
  const homes = names
    .filter((name) => name !== STAGING_DIRECTORY)
    .map((name) => join(rootDir, name));
  const sizes = await Promise.all(homes.map((directoryPath) => recount({ directoryPath })));
  return sizes.reduce((sum, size) => sum + size, 0) + (await stagedBytes(rootDir));
}

/** The files, directories and links below a home. */
export async function entriesOnDisk(homePath: string): Promise<number> {
  return (await runInSlices(treeSize(homePath))).entries;
}

/** The bytes of unfinished uploads of accounts. What else lies beside them is charged to no account. */
export async function stagedBytes(rootDir: string): Promise<number> {
  const staging = join(rootDir, STAGING_DIRECTORY);
  const entries = await readdir(staging, { withFileTypes: true }).catch(() => []);
  const directories = entries.filter((entry) => entry.isDirectory() && /^\d+$/.test(entry.name));
  const sizes = await Promise.all(
    directories.map(({ name }) => recount({ directoryPath: join(staging, name) })),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
