import { lstat } from '../disk/disk.ts';
import { NOTHING } from '../disk/name-content.ts';
import { requireReachable } from '../disk/reach.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';
import { FileUnavailableError } from '../errors/errors.ts';
import type { PartialUpload } from '../uploads/partial-upload.ts';
import type { PartialUploads } from '../uploads/partial-uploads.ts';
import { uploadUnderWay } from '../uploads/upload-base.ts';
import type { Access } from './access.ts';
import { existing, type NameAccess } from './name-access.ts';

/**
 * Removes a partial by its id.
 *
 * @throws FileUnavailableError if there is none.
 * @throws FileBusyError if an upload is resuming it.
 */
export async function dropPartial(names: NameAccess, id: string): Promise<PartialUpload> {
  return names.storage.nameLock.run(async () => {
    const partial = partialWith(names, id);
    names.access.require('create', partial.path);
    await drop(names, partial);
    return partial;
  });
}

/**
 * Shows a partial under an unused name, where it can be read or resumed.
 *
 * @throws FileUnavailableError if there is no such partial, or the name is taken.
 * @throws FileBusyError if an upload is resuming it.
 * @throws TooManyFilesError if the account can have no further file, so that it could not be resumed.
 */
export async function recoverPartial(
  names: NameAccess,
  id: string,
  to: VirtualPath,
): Promise<void> {
  names.access.requireNameAllowed(to);
  await names.change(to, 'create', async ({ place, entry }) => {
    const partial = partialWith(names, id);
    refuseClaimed(names.storage.partials, partial);
    if ((await lstat(entry)) !== undefined) throw existing(to);
    const shown = await names.storage.shownPartial(place);
    if (shown !== undefined && shown.id !== id) throw existing(to);
    requireReachable(names.storage.jail, place);
    await names.storage.space.requireEntryRoom();
    await names.loseName(place, id);
    await names.storage.partials.move(partial, place, NOTHING);
  });
}

function partialWith(names: NameAccess, id: string): PartialUpload {
  const partial = names.storage.partials.get(id);
  if (partial === undefined || !isListed(names.access, partial)) {
    throw new FileUnavailableError(`${id}: no such partial upload.`);
  }
  return partial;
}

/** Whether the client may know of a partial: where it cannot see files, it does not see its own. */
export function isListed(access: Access, partial: PartialUpload): boolean {
  return access.owns(partial) && !access.isBlindAt(partial.path);
}

/** Drops a partial. Call it with `nameLock` held. */
export async function drop(names: NameAccess, partial: PartialUpload): Promise<void> {
  refuseClaimed(names.storage.partials, partial);
  await names.storage.dropPartial(partial);
}

/** @throws FileBusyError if an upload is resuming one of them. */
export function refuseClaimed(
  partials: PartialUploads,
  ...wanted: readonly (PartialUpload | undefined)[]
): void {
  const busy = wanted.find((partial) => partial !== undefined && partials.isClaimed(partial));
  if (busy !== undefined) throw uploadUnderWay(busy.path);
}
