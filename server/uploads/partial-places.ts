import type { HeldDirectories } from '../disk/held-directories.ts';
import { nameOf, parentOf, pathIn, ROOT, type VirtualPath } from '../disk/virtual-path.ts';
import type { PartialUpload } from './partial-upload.ts';
import type { WritableStorage } from './user-storage.ts';

/** `path` in the canonical path of its directory, or `path` itself if the directory is gone. */
export function canonicalPath(path: VirtualPath, directory: VirtualPath | undefined): VirtualPath {
  if (path === ROOT) return ROOT;
  return pathIn(directory ?? parentOf(path), nameOf(path));
}

/**
 * The partial upload that appears instead of the file at `path`, through symbolic links. It is still found by its own
 * path when its directory is gone.
 */
export async function findPartial(
  { storage, directories }: { storage: WritableStorage; directories: HeldDirectories },
  path: VirtualPath,
): Promise<PartialUpload | undefined> {
  const { partials, jail } = storage;
  if (partials.isEmpty || path === ROOT) return undefined;
  const lease = await directories.hold(parentOf(path)).catch(() => undefined);
  if (lease === undefined) return storage.shownPartial(path);
  try {
    const place = canonicalPath(path, lease.place);
    const partial = await storage.shownPartial(place);
    if (partial !== undefined) return partial;
    const target = await jail.followLink(place, lease.held).catch(() => undefined);
    return target === undefined || target === place ? undefined : storage.shownPartial(target);
  } finally {
    lease.release();
  }
}
