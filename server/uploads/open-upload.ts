import type { Stats } from 'node:fs';
import type { CreationRules } from '../disk/creation-rules.ts';
import { lstat } from '../disk/disk.ts';
import type { HeldDirectories } from '../disk/held-directories.ts';
import { requireReachable } from '../disk/reach.ts';
import { nameOf, parentOf, pathIn, ROOT, type VirtualPath } from '../disk/virtual-path.ts';
import { FileUnavailableError, naming, QuotaExceededError } from '../errors/errors.ts';
import { EntryReservation } from './entry-reservation.ts';
import { canonicalPath } from './partial-places.ts';
import { type OnAbort, RoomWait } from './room-wait.ts';
import { chooseBase, releaseBase, type UploadBase, type UploadStart } from './upload-base.ts';
import { UploadFile } from './upload-file.ts';
import type { LiveAccess, UploadPolicy } from './upload-policy.ts';
import { type SeenName, UploadTarget } from './upload-target.ts';
import type { WritableStorage } from './user-storage.ts';

/** Session state for uploads. */
export interface UploadDeps {
  readonly storage: WritableStorage;
  readonly directories: HeldDirectories;
  readonly access: LiveAccess;
  readonly now: () => number;
  readonly rules: CreationRules;
  /** Writes a path as the client knows it. */
  readonly shown: (path: VirtualPath) => VirtualPath;
  /** Ends the wait for room that the upload needs before its transfer begins. */
  readonly onAbort?: OnAbort | undefined;
}

/**
 * Opens a file for an upload. A symbolic link is followed, so that its target is replaced and the link
 * stays.
 *
 * @throws FileUnavailableError if the name is not, or cannot become, that of a plain file.
 * @throws NotPermittedError
 * @throws FileNameNotAllowedError
 */
export async function openUpload(
  deps: UploadDeps,
  path: VirtualPath,
  start: UploadStart,
): Promise<UploadFile> {
  if (path === ROOT) throw new FileUnavailableError(naming`${path}: is a directory.`);
  const { storage } = deps;
  const access = deps.access.current;
  access.uploadPolicy(path, path);
  access.requireNameAllowed(chosenName(path, start));
  const directory = await deps.directories.hold(parentOf(path));
  try {
    const { version: nameVersion } = storage.nameLock;
    const place = canonicalPath(path, directory.place);
    const policy = access.uploadPolicy(path, place);
    const { isBlind } = policy;
    const stats = isBlind ? undefined : await lstat(`${directory.held.entryPrefix}${nameOf(path)}`);
    if (stats?.isSymbolicLink()) {
      const target = await storage.jail.followLink(path, directory.held);
      const file = await openUpload(deps, target, start);
      directory.release();
      return file;
    }
    requirePlainFile(path, stats);
    requireReachable(storage.jail, place);
    const seen = { path: place, directory, stats, nameVersion, isBlind };
    return await openAt({ ...deps, policy }, seen, start);
  } catch (error) {
    directory.release();
    throw error;
  }
}

function chosenName(path: VirtualPath, start: UploadStart): VirtualPath {
  if (start.kind !== 'new' || start.stem === undefined) return path;
  return pathIn(parentOf(path), start.stem);
}

function requirePlainFile(path: VirtualPath, stats: Stats | undefined): void {
  if (stats === undefined || stats.isFile()) return;
  throw new FileUnavailableError(
    stats.isDirectory() ? naming`${path}: is a directory.` : naming`${path}: not a plain file.`,
  );
}

async function openAt(
  {
    storage,
    now,
    rules,
    shown,
    onAbort,
    access,
    policy,
  }: UploadDeps & { readonly policy: UploadPolicy },
  seen: SeenName,
  start: UploadStart,
): Promise<UploadFile> {
  const { space } = storage;
  const room = new RoomWait();
  onAbort?.((reason) => room.abort(reason));
  const { base, offsetBytes } = await chooseBase({ storage, access, policy }, seen.path, start);
  try {
    requireRights(policy, { base, offsetBytes, seen });
    if (base.kind === 'partial') await requireAnyRoom(storage, room, seen.path);
    const target = new UploadTarget(storage, base, seen);
    const entry = new EntryReservation(space);
    const { kind } = start;
    return await UploadFile.open({
      storage,
      space,
      target,
      entry,
      base,
      offsetBytes,
      kind,
      room,
      policy,
      access: access.current,
      now,
      rules,
      shown,
    });
  } catch (error) {
    releaseBase(storage, base);
    throw error;
  }
}

/** @throws NotPermittedError */
function requireRights(
  { isBlind, requireRight }: UploadPolicy,
  { base, offsetBytes, seen }: { base: UploadBase; offsetBytes: number; seen: SeenName },
): void {
  // A right that is missing is made up for when the upload is put in place.
  if (isBlind) return;
  const whole = seen.stats === undefined ? 'write' : 'overwrite';
  requireRight(base.kind === 'appended' ? 'append' : whole);
  // By SITE EXPECT, a client could find out what it keeps.
  if (base.kind === 'file' && offsetBytes > 0) requireRight('read');
}

/**
 * A client that resumes an upload into a full account would be refused at its first octet, each time: some clients
 * count the octets they sent as progress and try forever. So they are refused before they send anything.
 *
 * @throws QuotaExceededError
 */
async function requireAnyRoom(
  storage: WritableStorage,
  room: RoomWait,
  path: VirtualPath,
): Promise<void> {
  if (await room.until(storage.canGetRoom(1, path), () => {})) return;
  throw new QuotaExceededError('Quota exceeded: no bytes are left to resume with.');
}
