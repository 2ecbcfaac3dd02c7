import type { HeldDirectories } from './held-directories.ts';
import type { HeldDirectory } from './jail.ts';
import type { PartialUpload } from './partial-uploads.ts';
import type { UserStorage } from './user-storage.ts';
import { nameOf, parentOf, pathIn, ROOT, type VirtualPath } from './virtual-path.ts';

/** `path` without the symbolic links on the way to the directory that holds its name. */
export function placeOf(storage: UserStorage, path: VirtualPath, held: HeldDirectory): VirtualPath {
  if (path === ROOT) return ROOT;
  return pathIn(storage.jail.nameOfHeld(held) ?? parentOf(path), nameOf(path));
}

/**
 * The partial upload that stands in the place of the file at `path`, reached by whatever links. It is
 * still found by its own path when its directory is gone.
 */
export async function findPartial(
  { storage, directories }: { storage: UserStorage; directories: HeldDirectories },
  path: VirtualPath,
): Promise<PartialUpload | undefined> {
  const { partials, jail } = storage;
  if (partials === undefined || partials.isEmpty || path === ROOT) return undefined;
  const lease = await directories.hold(parentOf(path)).catch(() => undefined);
  if (lease === undefined) return partials.find(path);
  try {
    const place = placeOf(storage, path, lease.held);
    const partial = partials.find(place);
    if (partial !== undefined) return partial;
    const target = await jail.followLink(place, lease.held).catch(() => undefined);
    return target === undefined || target === place ? undefined : partials.find(target);
  } finally {
    lease.release();
  }
}
