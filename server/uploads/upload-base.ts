import { closeQuietly, ignoreMissing, lstatExisting } from '../disk/disk.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';
import { FileBusyError, naming, RestartMarkerError } from '../errors/errors.ts';
import { ownPartial } from './partial-places.ts';
import type { PartialUpload } from './partial-upload.ts';
import type { LiveAccess, UploadPolicy } from './upload-policy.ts';
import type { WritableStorage } from './user-storage.ts';

/** Start of an upload: at an offset, at the end of the file, or under a name that must be new. */
export type UploadStart =
  | { readonly kind: 'offset'; readonly offsetBytes: number }
  /** Added to what the file holds when the upload is published. */
  | { readonly kind: 'append' }
  /**
   * An append to the current content of the file and no other: the client has announced the digest of both together.
   */
  | { readonly kind: 'append to this' }
  /** `stem` is the part of the name that the client has chosen; all of it if left out. */
  | { readonly kind: 'new'; readonly stem?: string };

/** The content that an upload starts from. */
export type UploadBase =
  | { readonly kind: 'nothing' }
  /** The account's own partial of this name, which is continued in place. */
  | { readonly kind: 'partial'; readonly partial: PartialUpload }
  /** A published file: its first octets are copied, it stays until the upload is published. */
  | { readonly kind: 'file'; readonly descriptor: number }
  /** A published file that the upload will be added to. */
  | { readonly kind: 'appended'; readonly sizeBytes: number };

interface BaseDeps {
  readonly storage: WritableStorage;
  readonly access: LiveAccess;
  readonly policy: UploadPolicy;
}

interface ChosenBase {
  readonly base: UploadBase;
  /** Octets of the base that stay before those of the upload in its staging file. */
  readonly offsetBytes: number;
}

/**
 * Chooses the content that an upload to `path` starts from. A partial is claimed and a file opened, until {@link
 * releaseBase}.
 *
 * @throws RestartMarkerError if the upload would start beyond the end.
 * @throws FileBusyError if another upload is resuming the same partial.
 */
export async function chooseBase(
  deps: BaseDeps,
  path: VirtualPath,
  start: UploadStart,
): Promise<ChosenBase> {
  if (start.kind === 'new' || (start.kind === 'offset' && start.offsetBytes === 0)) {
    return { base: { kind: 'nothing' }, offsetBytes: 0 };
  }
  const { storage, policy } = deps;
  const { base, sizeBytes } = await existingBase(deps, path);
  if (start.kind === 'append' && base.kind === 'file') {
    closeQuietly(base.descriptor);
    return { base: { kind: 'appended', sizeBytes }, offsetBytes: 0 };
  }
  if (start.kind === 'append' && policy.isBlind && policy.appends && base.kind === 'nothing') {
    return { base: { kind: 'appended', sizeBytes: 0 }, offsetBytes: 0 };
  }
  const offsetBytes = start.kind === 'offset' ? start.offsetBytes : sizeBytes;
  if (offsetBytes <= sizeBytes) return { base, offsetBytes };
  releaseBase(storage, base);
  throw new RestartMarkerError(
    naming`The restart marker ${offsetBytes} lies beyond the end of ${path}, which has ${sizeBytes} bytes.`,
  );
}

export function releaseBase(storage: WritableStorage, base: UploadBase): void {
  if (base.kind === 'partial') storage.partials.release(base.partial.id);
  if (base.kind === 'file') closeQuietly(base.descriptor);
}

async function existingBase(
  deps: BaseDeps,
  path: VirtualPath,
): Promise<{ base: UploadBase; sizeBytes: number }> {
  const { storage, policy } = deps;
  const partial = await ownPartial(deps, path);
  if (partial !== undefined) {
    // It may just have been dropped or published.
    const isCurrent = storage.partials.get(partial.id) === partial;
    return isCurrent ? claimed(storage, partial) : existingBase(deps, path);
  }
  if (policy.isBlind) return { base: { kind: 'nothing' }, sizeBytes: 0 };
  try {
    const { descriptor, stats } = await storage.jail.openFile(path);
    return { base: { kind: 'file', descriptor }, sizeBytes: stats.size };
  } catch (error) {
    ignoreMissing(error);
    return { base: { kind: 'nothing' }, sizeBytes: 0 };
  }
}

async function claimed(storage: WritableStorage, partial: PartialUpload) {
  if (storage.partials.isClaimed(partial)) throw uploadUnderWay(partial.path);
  storage.partials.claim(partial);
  try {
    const { size: sizeBytes } = await lstatExisting(partial.diskPath);
    return { base: { kind: 'partial', partial } as const, sizeBytes };
  } catch (error) {
    storage.partials.release(partial.id);
    throw error;
  }
}

/** Another upload is writing to the partial of this name. */
export function uploadUnderWay(path: VirtualPath): FileBusyError {
  return new FileBusyError(naming`${path} is being uploaded; try again later.`);
}
