import type { CreationRules } from '../disk/creation-rules.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';
import type { EntryReservation } from './entry-reservation.ts';
import type { RoomWait } from './room-wait.ts';
import type { UploadBase, UploadStart } from './upload-base.ts';
import type { UploadAccess, UploadPolicy } from './upload-policy.ts';
import type { UploadTarget } from './upload-target.ts';
import type { WritableStorage } from './user-storage.ts';
import type { WritableSpace } from './writable-space.ts';

/** Everything that an upload was opened with; its parts share it. */
export interface UploadOptions {
  readonly storage: WritableStorage;
  readonly space: WritableSpace;
  /** The name that the upload is published under. */
  readonly target: UploadTarget;
  /** Held while the upload runs if nothing had the name. */
  readonly entry: EntryReservation;
  readonly base: UploadBase;
  /** Octets of the base that stay in the staging file. */
  readonly offsetBytes: number;
  readonly kind: UploadStart['kind'];
  readonly rules: CreationRules;
  readonly policy: UploadPolicy;
  readonly access: UploadAccess;
  readonly room: RoomWait;
  readonly now: () => number;
  /** Writes a path as the client knows it. */
  readonly shown: (path: VirtualPath) => VirtualPath;
}
