import type { CreationRules } from '../disk/creation-rules.ts';
import { closeQuietly } from '../disk/disk.ts';
import { errnoOf } from '../disk/disk-errors.ts';
import type { Jail } from '../disk/jail.ts';
import { nameOf, parentOf, ROOT, type VirtualPath } from '../disk/virtual-path.ts';
import { inBatches } from '../scheduling/in-batches.ts';
import { EntryReservation } from './entry-reservation.ts';
import { makeNewDirectory } from './new-directory.ts';
import type { WritableSpace } from './writable-space.ts';

/** The account whose directories are restored. */
interface Restored {
  readonly space: WritableSpace;
  readonly rules: CreationRules;
  /** Throws if the directory must not be created. */
  readonly requireAllowed?: (directory: VirtualPath) => void;
}

/**
 * Creates missing directories of partial uploads: the server may have crashed after it moved a directory on disk and
 * before it moved the partials in the database. Without the directory their owner could not list, resume or remove
 * them. Applies to names that had no content: a partial that was to replace a file has moved with the file.
 */
export async function restoreDirectories(jail: Jail, restored: Restored): Promise<void> {
  const { space } = restored;
  for await (const batch of inBatches(space.partials.directoriesOfNewNames())) {
    for (const directory of batch) {
      // A file or a link to elsewhere may have the name by now, or the account all its files: then the partials wait.
      await space.nameLock.run(() => restoreDirectory(jail, directory, restored)).catch(() => {});
    }
  }
}

/**
 * Creates a directory, and those above it, if it is missing. Call it with `nameLock` held.
 *
 * @throws TooManyFilesError
 * @throws the error of the system, as when a file has one of the names.
 */
export async function restoreDirectory(
  jail: Jail,
  directory: VirtualPath,
  restored: Restored,
): Promise<void> {
  if (directory === ROOT || (await exists(jail, directory))) return;
  restored.requireAllowed?.(directory);
  await restoreDirectory(jail, parentOf(directory), restored);
  const { entryPrefix, descriptor } = await jail.holdDirectory(parentOf(directory));
  const entry = new EntryReservation(restored.space);
  try {
    await entry.take();
    const { space, rules } = restored;
    await makeNewDirectory(`${entryPrefix}${nameOf(directory)}`, space, rules);
    entry.use();
  } finally {
    entry.release();
    closeQuietly(descriptor);
  }
}

async function exists(jail: Jail, directory: VirtualPath): Promise<boolean> {
  try {
    closeQuietly((await jail.holdDirectory(directory)).descriptor);
    return true;
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    return false;
  }
}
