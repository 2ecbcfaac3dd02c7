import { closeQuietly, makeDirectory } from './disk.ts';
import { errnoOf } from './disk-errors.ts';
import { inBatches } from './in-batches.ts';
import type { Jail } from './jail.ts';
import { nameOf, parentOf, ROOT, type VirtualPath } from './virtual-path.ts';

/**
 * Makes the directories of partial uploads that lack one: a crash may come between the move of a directory
 * on disk and that of the partials in the database. Without it, nobody could list, resume or remove them.
 *
 * @param directories in which names are claimed that held nothing: what was to replace a file went where the directory
 *   with the file has gone.
 */
export async function restoreDirectories(
  jail: Jail,
  directories: Iterable<VirtualPath>,
): Promise<void> {
  for await (const batch of inBatches(directories)) {
    // A file or a link to elsewhere may have the name by now: then the partials wait.
    for (const directory of batch) await restore(jail, directory).catch(() => {});
  }
}

async function restore(jail: Jail, directory: VirtualPath): Promise<void> {
  if (directory === ROOT || (await isThere(jail, directory))) return;
  await restore(jail, parentOf(directory));
  const { entryPrefix, descriptor } = await jail.holdDirectory(parentOf(directory));
  try {
    await makeDirectory(`${entryPrefix}${nameOf(directory)}`);
  } finally {
    closeQuietly(descriptor);
  }
}

async function isThere(jail: Jail, directory: VirtualPath): Promise<boolean> {
  try {
    closeQuietly((await jail.holdDirectory(directory)).descriptor);
    return true;
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    return false;
  }
}
