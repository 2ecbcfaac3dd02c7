import type { Usage } from '../../db/quota-repository.ts';
import { ignoreMissing, lstat, unlink } from '../disk/disk.ts';
import { isDiskFull } from '../disk/disk-errors.ts';
import type { Durability } from '../disk/durability.ts';
import type { NameContent } from '../disk/name-content.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';
import { QuotaExceededError } from '../errors/errors.ts';
import type { CrashRecovery } from '../quota/crash-recovery.ts';
import type { QuotaLedger } from '../quota/quota-ledger.ts';
import { tooManyFiles } from '../quota/reservation.ts';
import { inBatches } from '../scheduling/in-batches.ts';
import type { Trash } from '../trash/trash.ts';
import { firstToExpire, firstToMakeWay } from './first-to-drop.ts';
import { NameLock } from './name-lock.ts';
import { OpenReads } from './open-reads.ts';
import type { PartialUpload } from './partial-upload.ts';
import type { PartialUploads } from './partial-uploads.ts';
import { OldFiles, type RoomMaker } from './room-maker.ts';
import { RunningUploads } from './running-uploads.ts';
import { StagingArea, type StagingPlace } from './staging-area.ts';

/** What is known of accounts after a crash. */
export type Recovery = Pick<CrashRecovery, 'measured' | 'chargeKnown'>;

interface WritableSpaceDeps extends StagingPlace {
  readonly accountId: number;
  readonly ledger: QuotaLedger;
  readonly partials: PartialUploads;
  readonly trash: Trash;
  readonly durability: Durability;
  /** None if no account is in doubt. */
  readonly recovery?: Recovery | undefined;
  /** None if no files are deleted for uploads. */
  readonly roomMaker?: (() => RoomMaker | undefined) | undefined;
}

/** Partials of one account. */
export const MAX_PARTIALS = 1000;

/** Partials beyond {@link MAX_PARTIALS} that go when another one is kept. */
export const MAX_DROPPED_AT_ONCE = 32;

/** Partials that lose their names in one statement. */
const LOST_AT_ONCE = 512;

/** The space of an account with its unfinished uploads. It exists without any session. */
export class WritableSpace {
  readonly accountId: number;
  readonly ledger: QuotaLedger;
  readonly partials: PartialUploads;
  readonly trash: Trash;
  readonly durability: Durability;
  readonly running = new RunningUploads();
  readonly reads = new OpenReads();
  readonly oldFiles: OldFiles;
  readonly nameLock: NameLock;
  /**
   * Number of appends in place that have ended. The time stamps of a directory do not show that a file in it has grown.
   */
  inPlaceAppends = 0;
  /** Entries that the account is charged for and that do not exist yet; see `EntryReservation`. */
  reservedEntries = 0;
  readonly staging: StagingArea;
  readonly #recovery: Recovery | undefined;
  /** Resolves when a file that is being appended to in place is complete again; undefined if there is none. */
  appending: Promise<void> | undefined;

  constructor({
    accountId,
    ledger,
    partials,
    trash,
    durability,
    recovery,
    roomMaker = () => undefined,
    ...place
  }: WritableSpaceDeps) {
    this.oldFiles = new OldFiles(accountId, roomMaker);
    this.#recovery = recovery;
    this.accountId = accountId;
    this.ledger = ledger;
    this.partials = partials;
    this.trash = trash;
    this.staging = new StagingArea(place);
    this.durability = durability;
    this.nameLock = new NameLock(accountId, ledger);
  }

  /** Directory of the account's partials. */
  get stagingPath(): string {
    return this.staging.partialsPath;
  }

  /** Directory of the uploads that run in this process. */
  get runningPath(): string {
    return this.staging.runningPath;
  }

  /** What is charged for uploads that run, and has not become one of the account's files. */
  get inUploads(): Usage {
    return { bytes: this.running.chargedBytes, entries: this.reservedEntries };
  }

  /** Gives back the space of a file that is gone, and its entry. */
  refund(bytes: number, entries = 0): void {
    if (bytes > 0 || entries > 0) this.ledger.refund(this.accountId, bytes, entries);
  }

  /** @throws TooManyFilesError if the account can have no further file or directory. */
  async requireEntryRoom(): Promise<void> {
    const { limitEntries, usedEntries } = await this.ledger.usage(this.accountId);
    if (usedEntries >= limitEntries) throw tooManyFiles({ limitEntries, usedEntries });
  }

  /**
   * Takes a name from all uploads that began under it before: what it holds is about to change, or has changed.
   * In memory that is done when this returns. Call it with `nameLock` held, and wait before the disk is changed, so
   * that a crash in between shows none of them.
   *
   * @param exceptId the upload that changes the name.
   * @returns undefined if there is nothing to wait for.
   */
  loseName(path: VirtualPath, exceptId?: string): Promise<void> | undefined {
    const ids = this.running
      .at(path)
      .flatMap((upload) => (upload.id === exceptId ? [] : (upload.loseName() ?? [])));
    const partial = this.partials.find(path);
    if (partial !== undefined && partial.id !== exceptId) ids.push(partial.id);
    return ids.length === 0 ? undefined : this.partials.loseNames(ids);
  }

  /** The same for a path and all names below it. */
  async loseNamesWithin(ancestor: VirtualPath): Promise<void> {
    const ids = this.running.within(ancestor).flatMap((upload) => upload.loseName() ?? []);
    if (ids.length > 0) await this.partials.loseNames(ids);
    for await (const batch of inBatches(this.partials.within(ancestor), LOST_AT_ONCE)) {
      await this.partials.loseNames(batch.map(({ id }) => id));
    }
  }

  /** Whether anything but this upload may have a claim on a name with this last component. */
  mayHaveClaims(name: string, exceptId: string): boolean {
    return !this.partials.isEmpty || this.running.hasOther(name, exceptId);
  }

  /** The file of a name is the same, with other facts: what began before keeps its claim. */
  async contentChanged(from: NameContent, to: NameContent): Promise<void> {
    this.running.contentChanged(from, to);
    await this.partials.contentChanged(from, to);
  }

  /**
   * Reserves space for an upload to `path`, and drops items of the trash, partials and, by a rule, old files if there is not
   * enough. Returns at once if there is nothing to wait for.
   *
   * @throws QuotaExceededError
   */
  spend(bytes: number, path: VirtualPath): Promise<void> | undefined {
    const { ledger, accountId } = this;
    const spending = ledger.spend(accountId, bytes);
    return spending?.catch((error) => this.spendAfter(error, bytes, path));
  }

  /**
   * Reserves space after an attempt that has failed.
   *
   * @throws QuotaExceededError, or `failure` if that is another.
   */
  async spendAfter(failure: unknown, bytes: number, path: VirtualPath): Promise<void> {
    let reason = failure;
    while (await this.#gainRoomAfter(reason, bytes, path)) {
      try {
        await this.ledger.spend(this.accountId, bytes);
        return;
      } catch (error) {
        reason = error;
      }
    }
    throw reason;
  }

  /** Whether there is more room after a failure for want of it. */
  async #gainRoomAfter(failure: unknown, bytes: number, path: VirtualPath): Promise<boolean> {
    if (failure instanceof QuotaExceededError) return await this.#gainRoom(bytes, path);
    return isDiskFull(failure) && (await this.freeDisk());
  }

  async #gainRoom(bytes: number, path: VirtualPath): Promise<boolean> {
    const { measured } = this;
    if (measured !== undefined) {
      await measured;
      return true;
    }
    if (await this.makeRoom(path)) return true;
    return await this.oldFiles.makeRoom({ bytes, entries: 0 }, path);
  }

  /**
   * Resolves when the account, which a crash has left charged for too much, has been measured; undefined if it is not
   * waiting for that. Wait for it before the account is refused room, but not with `nameLock` held.
   */
  get measured(): Promise<void> | undefined {
    return this.#recovery?.measured(this.accountId);
  }

  /** Wait for it, if it is defined, before the account takes anything, but not with `nameLock` held. */
  get chargeKnown(): Promise<void> | undefined {
    return this.#recovery?.chargeKnown(this.accountId);
  }

  /** Says that a file is being appended to in place, until what this returns is called. */
  beginAppending(): () => void {
    let end = () => {};
    this.appending = new Promise((resolve) => {
      end = resolve;
    });
    return () => {
      // Not at the beginning: a recount that begins during the append has to see the difference.
      this.inPlaceAppends += 1;
      this.appending = undefined;
      end();
    };
  }

  /**
   * Drops what is missed least, to make room for an upload: the oldest item of the trash, else a partial without a name,
   * else one that the quota has cut, else what is left of an earlier upload of the same name.
   *
   * @returns false if there is none.
   */
  makeRoom(path: VirtualPath): Promise<boolean> {
    return this.nameLock.run(async () => {
      if (await this.trash.dropOldest('charged')) return true;
      const first = await firstToMakeWay(this.partials, path);
      if (first === undefined) return false;
      await this.dropPartial(first);
      return true;
    });
  }

  /** Drops the oldest item of the trash, because the disk is full. @returns false if there is none. */
  async freeDisk(): Promise<boolean> {
    if (this.trash.count === 0) return false;
    return await this.nameLock.run(() => this.trash.dropOldest('any'));
  }

  /** The bytes that an upload could get by `makeRoom`. */
  async reclaimableBytes(): Promise<number> {
    let sumBytes = this.trash.chargedBytes;
    for (const candidates of [this.partials.nameless(), this.partials.makingWay()]) {
      for await (const batch of inBatches(candidates)) {
        const idle = batch.filter((partial) => !this.partials.isInUse(partial));
        for (const { diskPath } of idle) sumBytes += await sizeIfThere(diskPath);
      }
    }
    return sumBytes;
  }

  /**
   * Drops the partials that are too many: first those without a name, then those with one, each in the order in which
   * they were worked on, which is that in which they would expire. An account that has far too many from before there was
   * a limit gets rid of them little by little. Call it with `nameLock` held.
   */
  async dropExcessPartials(): Promise<void> {
    const excess = this.partials.count - MAX_PARTIALS;
    if (excess <= 0) return;
    const first = await firstToExpire(this.partials, Math.min(excess, MAX_DROPPED_AT_ONCE));
    for (const partial of first) await this.dropPartial(partial);
  }

  /**
   * Drops a partial upload and gives its space back. A partial that an upload is resuming is left alone, because that
   * upload decides about it when it ends. Call it with `nameLock` held.
   *
   * @returns the size of the removed file.
   */
  async dropPartial(partial: PartialUpload): Promise<number> {
    if (this.partials.isClaimed(partial)) return 0;
    // No session may find it, or begin to carry it on, while it goes.
    const show = this.partials.hide(partial.id);
    try {
      const sizeBytes = await sizeIfThere(partial.diskPath);
      await unlink(partial.diskPath).catch(ignoreMissing);
      await this.partials.remove(partial);
      this.refund(sizeBytes);
      return sizeBytes;
    } catch (error) {
      show();
      throw error;
    }
  }
}

/** The size of a plain file; 0 if there is none of that name. */
async function sizeIfThere(diskPath: string): Promise<number> {
  const stats = await lstat(diskPath);
  return stats?.isFile() === true ? stats.size : 0;
}
