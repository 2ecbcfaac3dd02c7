import type { HeldDirectories } from '../disk/held-directories.ts';
import { nameOf, parentOf, pathIn, ROOT, type VirtualPath } from '../disk/virtual-path.ts';
import type { PartialUpload } from './partial-upload.ts';
import type { LiveAccess } from './upload-policy.ts';
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
  { directories, ...owner }: PartialOwner & { readonly directories: HeldDirectories },
  path: VirtualPath,
): Promise<PartialUpload | undefined> {
  const { partials, jail } = owner.storage;
  if (partials.isEmpty || path === ROOT) return undefined;
  const lease = await directories.hold(parentOf(path)).catch(() => undefined);
  if (lease === undefined) return ownPartial(owner, path);
  try {
    const place = canonicalPath(path, lease.place);
    const partial = await ownPartial(owner, place);
    if (partial !== undefined) return partial;
    const target = await jail.followLink(place, lease.held).catch(() => undefined);
    return target === undefined || target === place ? undefined : ownPartial(owner, target);
  } finally {
    lease.release();
  }
}

/**
 * The partial upload that a client sees, or can resume, under a path that is free of symbolic links. Where the client
 * must not find out which names are taken, that does not depend on what the name holds.
 */
export async function ownPartial(
  { storage, access }: PartialOwner,
  place: VirtualPath,
): Promise<PartialUpload | undefined> {
  const partial = access.current.isBlindAt(place)
    ? storage.partials.find(place)
    : await storage.shownPartial(place);
  return partial !== undefined && access.current.owns(partial) ? partial : undefined;
}

interface PartialOwner {
  readonly storage: WritableStorage;
  readonly access: LiveAccess;
}
