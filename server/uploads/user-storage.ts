import { join } from 'node:path';
import { lstat } from '../disk/disk.ts';
import type { Jail } from '../disk/jail.ts';
import { longestPathHere } from '../disk/longest-path.ts';
import { isStill } from '../disk/name-content.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';
import type { QuotaLedger } from '../quota/quota-ledger.ts';
import { Mutex } from '../scheduling/mutex.ts';
import type { PartialUpload, PartialUploads } from './partial-uploads.ts';
import type { WritableSpace } from './writable-space.ts';

/** See `longestPath` in `disk/longest-path.ts`. */
export type LongestPath = (directoryPath: string) => Promise<number>;

interface StorageParts {
  readonly jail: Jail;
  readonly accountId: number;
  /** Undefined for an account that cannot write. */
  readonly writing: WritableSpace | undefined;
  /** The event loop does it if there are no worker threads. */
  readonly longestPath?: LongestPath;
}

/** The disk of one account, shared by all of its sessions. */
export class UserStorage {
  readonly jail: Jail;
  readonly accountId: number;
  readonly writing: WritableSpace | undefined;
  /** See {@link WritableSpace.names}. */
  readonly names: Mutex;
  readonly longestPath: LongestPath;
  /** Counts the changes of names that went through this storage. */
  nameChanges = 0;

  constructor({ jail, accountId, writing, longestPath }: StorageParts) {
    this.jail = jail;
    this.longestPath = longestPath ?? longestPathHere;
    this.accountId = accountId;
    this.writing = writing;
    this.names = writing?.names ?? new Mutex();
  }

  get partials(): PartialUploads | undefined {
    return this.writing?.partials;
  }

  get ledger(): QuotaLedger | undefined {
    return this.writing?.ledger;
  }

  /** The partial that its owner sees under a name, which must be free of symbolic links. */
  async shownPartial(path: VirtualPath): Promise<PartialUpload | undefined> {
    const partial = this.partials?.find(path);
    return partial !== undefined && (await this.isShown(partial)) ? partial : undefined;
  }

  /** Whether the name of a partial holds what it held when the partial was begun. */
  async isShown({ held, path }: PartialUpload): Promise<boolean> {
    if (held === undefined) return false;
    // A directory that has gone, or cannot be reached, holds nothing.
    const stats = await lstat(join(this.jail.rootPath, path)).catch(() => undefined);
    return isStill(held, stats);
  }

  /**
   * The bytes that uploads can get: what is left of the quota, and what makes way for them. Undefined for an account
   * that cannot write.
   */
  async roomBytes(): Promise<number | undefined> {
    if (this.writing === undefined) return undefined;
    const { ledger, accountId } = this.writing;
    const { limitBytes, usedBytes } = await ledger.usage(accountId);
    return Math.max(limitBytes - usedBytes + (await this.writing.reclaimableBytes()), 0);
  }

  /** Gives back the space of a file that is gone, and its entry. */
  refund(bytes: number, entries = 0): void {
    this.writing?.refund(bytes, entries);
  }

  /** See {@link WritableSpace.dropPartial}. */
  async dropPartial(partial: PartialUpload): Promise<void> {
    await this.writing?.dropPartial(partial);
  }
}
