import { join } from 'node:path';
import { lstat } from '../disk/disk.ts';
import { Jail } from '../disk/jail.ts';
import { longestPathHere } from '../disk/longest-path.ts';
import { isStill } from '../disk/name-content.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';
import type { QuotaLedger } from '../quota/quota-ledger.ts';
import type { NameLock } from './name-lock.ts';
import type { PartialUpload } from './partial-upload.ts';
import type { PartialUploads } from './partial-uploads.ts';
import type { WritableSpace } from './writable-space.ts';

/** See `longestPath` in `disk/longest-path.ts`. */
export type LongestPath = (directoryPath: string) => Promise<number>;

/** The files of one account, shared by all of its sessions. */
export type UserStorage = ReadOnlyStorage | WritableStorage;

interface ReadOnlyStorage {
  readonly kind: 'read-only';
  readonly jail: Jail;
}

interface WritableStorageOptions {
  readonly jail: Jail;
  readonly space: WritableSpace;
  /** Runs on the event loop by default; worker threads do it for a running server. */
  readonly longestPath?: LongestPath;
}

export class WritableStorage {
  readonly kind = 'writable';
  readonly jail: Jail;
  readonly space: WritableSpace;
  readonly longestPath: LongestPath;

  constructor({ jail, space, longestPath = longestPathHere }: WritableStorageOptions) {
    this.jail = jail;
    this.space = space;
    this.longestPath = longestPath;
  }

  /** The same storage, in which only one directory can be reached. */
  scopedTo(scope: VirtualPath): WritableStorage {
    const { space, longestPath } = this;
    return new WritableStorage({ jail: new Jail(this.jail.rootPath, scope), space, longestPath });
  }

  get accountId(): number {
    return this.space.accountId;
  }

  get partials(): PartialUploads {
    return this.space.partials;
  }

  get ledger(): QuotaLedger {
    return this.space.ledger;
  }

  get nameLock(): NameLock {
    return this.space.nameLock;
  }

  /** The partial that its owner sees under a name, which must be free of symbolic links. */
  async shownPartial(path: VirtualPath): Promise<PartialUpload | undefined> {
    const partial = this.partials.find(path);
    return partial !== undefined && (await this.isShown(partial)) ? partial : undefined;
  }

  /** Whether the name of a partial has the content that it had when the upload started. */
  async isShown({ held, path }: PartialUpload): Promise<boolean> {
    if (held === undefined) return false;
    // A directory that has gone, or cannot be reached, holds nothing.
    const stats = await lstat(join(this.jail.rootPath, path)).catch(() => undefined);
    return isStill(held, stats);
  }

  /**
   * Bytes that uploads can get: what is left of the quota, and the size of partials that are dropped when room is
   * needed.
   */
  async roomBytes(): Promise<number> {
    const { limitBytes, usedBytes } = await this.ledger.usage(this.accountId);
    return Math.max(limitBytes - usedBytes + (await this.space.reclaimableBytes()), 0);
  }

  /** The same. If that is less than `wantedBytes`, an account that a crash has left charged for too much is measured first. */
  async roomOnceMeasured(wantedBytes: number): Promise<number> {
    const roomBytes = await this.roomBytes();
    const { measured } = this.space;
    if (roomBytes >= wantedBytes || measured === undefined) return roomBytes;
    await measured;
    return await this.roomBytes();
  }

  /** Whether an upload can get as much room, also by the deletion of old files if a rule says so. */
  async canGetRoom(bytes: number, path: VirtualPath): Promise<boolean> {
    if (bytes <= (await this.roomOnceMeasured(bytes))) return true;
    const { oldFiles } = this.space;
    const missing = bytes - (await this.space.reclaimableBytes());
    return await oldFiles.canMakeRoom({ bytes: missing, entries: 0 }, path);
  }

  /** Gives back the space of a file that is gone, and its entry. */
  refund(bytes: number, entries = 0): void {
    this.space.refund(bytes, entries);
  }

  /** See {@link WritableSpace.dropPartial}. */
  async dropPartial(partial: PartialUpload): Promise<void> {
    await this.space.dropPartial(partial);
  }
}
