import fs, { constants, type Stats } from 'node:fs';
import { copyOctets, shareBlocks } from '../disk/copy-octets.ts';
import {
  closeQuietly,
  closeWritten,
  ignoreMissing,
  link,
  lstat,
  openFile,
  rename,
  truncate,
  unlink,
  writeAt,
} from '../disk/disk.ts';
import { diskError } from '../disk/disk-errors.ts';
import type { DirectoryLease } from '../disk/held-directories.ts';
import { contentOf, isStill, type NameContent } from '../disk/name-content.ts';
import { nameOf, pathIn, type VirtualPath } from '../disk/virtual-path.ts';
import { QuotaExceededError, TransferAbortedError, UploadMismatchError } from '../errors/errors.ts';
import { appendFile } from './append-file.ts';
import { EntryReservation } from './entry-reservation.ts';
import type { PartialUpload } from './partial-upload.ts';
import type { RoomWait } from './room-wait.ts';
import type { RunningUpload } from './running-uploads.ts';
import { releaseBase, type UploadBase, type UploadStart } from './upload-base.ts';
import type { WritableStorage } from './user-storage.ts';
import type { WritableSpace } from './writable-space.ts';

const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;

/** An upload of this size gets a row in the database early, so that it can be resumed after a crash. */
const ANNOUNCED_FROM_BYTES = 1024 * 1024;

/** Observed content of a name. */
export interface NameSeen {
  /** Undefined if nothing had the name. */
  readonly stats: Stats | undefined;
  /** `storage.nameVersion` before the facts were read. */
  readonly nameVersion: number;
}

interface UploadPlan {
  readonly storage: WritableStorage;
  readonly space: WritableSpace;
  /** The name that the upload is published under. */
  readonly path: VirtualPath;
  /** The directory that holds the name. */
  readonly directory: DirectoryLease;
  readonly base: UploadBase;
  /** Octets of the base that stay in the staging file. */
  readonly offsetBytes: number;
  readonly seen: NameSeen;
  readonly kind: UploadStart['kind'];
  readonly room: RoomWait;
  readonly now: () => number;
}

/** The transfer that brings the octets. */
interface UploadTransfer {
  throwIfAborted(): void;
  onAbort(callback: (reason: Error) => void): void;
}

interface StagingFile {
  readonly id: string;
  readonly diskPath: string;
  readonly descriptor: number;
  readonly chargedBytes: number;
  readonly entry: EntryReservation;
}

/**
 * A file that is being uploaded. Octets go to a hidden staging file; `publish` puts it in place in one step, `keep`
 * leaves it to be resumed. One of the two must be called, and ends the upload.
 *
 * Space is taken from the quota before octets are written, and an entry before an upload under a new name starts. At
 * every end the account is charged for exactly the bytes and entries that are on disk.
 */
export class UploadFile implements RunningUpload {
  readonly #plan: UploadPlan;
  readonly id: string;
  readonly name: string;
  #path: VirtualPath;
  readonly #diskPath: string;
  readonly #descriptor: number;
  readonly #createdAtMs: number;
  readonly #beginNumber: number;
  /** Held if nothing had the name. */
  readonly #entry: EntryReservation;
  readonly #seen: NameSeen;
  /** Content of the name when the upload started, once it has been read. */
  #held: NameContent | undefined;
  #hasLostName = false;
  /** Octets of the published file before those of the staging file. */
  #prefixBytes: number;
  #positionBytes: number;
  #chargedBytes: number;
  #begun = false;
  #announced: Promise<void> | undefined;
  #isOverQuota = false;
  #isOver = false;
  #hasEnded = false;

  private constructor(plan: UploadPlan, staging: StagingFile) {
    const { base, space, path } = plan;
    this.#plan = plan;
    this.#path = path;
    this.name = nameOf(path);
    this.id = staging.id;
    this.#diskPath = staging.diskPath;
    this.#descriptor = staging.descriptor;
    this.#chargedBytes = staging.chargedBytes;
    this.#entry = staging.entry;
    this.#positionBytes = plan.offsetBytes;
    this.#prefixBytes = base.kind === 'appended' ? base.sizeBytes : 0;
    this.#createdAtMs = base.kind === 'partial' ? base.partial.createdAtMs : plan.now();
    this.#beginNumber = space.partials.nextBeginNumber();
    if (base.kind === 'partial') {
      this.#held = base.partial.held;
      space.partials.resumed(base.partial, this.#beginNumber);
    }
    this.#seen = this.#seenNow();
    space.running.begin(this);
  }

  /**
   * @throws QuotaExceededError if there is no room for the octets that a resume has to copy.
   * @throws TooManyFilesError if nothing has the name and the account can have no further file.
   */
  static async open(plan: UploadPlan): Promise<UploadFile> {
    const { seen, space, room } = plan;
    const entry = new EntryReservation(space);
    try {
      const taking = seen.stats === undefined ? entry.take() : undefined;
      if (taking !== undefined) await room.until(taking, () => entry.release());
      return await UploadFile.#open(plan, entry);
    } catch (error) {
      entry.release();
      throw error;
    }
  }

  static async #open(plan: UploadPlan, entry: EntryReservation): Promise<UploadFile> {
    const { base, storage, space, offsetBytes, path, room } = plan;
    if (base.kind === 'partial') {
      const { id, diskPath } = base.partial;
      const descriptor = await openFile(diskPath, O_RDWR | O_NOFOLLOW);
      const chargedBytes = fs.fstatSync(descriptor).size;
      return new UploadFile(plan, { id, diskPath, descriptor, chargedBytes, entry });
    }
    const copiedBytes = base.kind === 'file' ? offsetBytes : 0;
    const spending = space.spend(copiedBytes, path);
    if (spending !== undefined) await room.until(spending, () => storage.refund(copiedBytes));
    const opened = space.running.opening(copiedBytes);
    try {
      const { id, diskPath } = await space.newStagingFile();
      const descriptor = await openFile(diskPath, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o666);
      return new UploadFile(plan, { id, diskPath, descriptor, chargedBytes: copiedBytes, entry });
    } catch (error) {
      storage.refund(copiedBytes);
      throw error;
    } finally {
      opened();
    }
  }

  /** Bytes charged to its account. 0 once its file has been published. */
  get chargedBytes(): number {
    return this.#chargedBytes;
  }

  /** The name that it is published under: its directory may be renamed while it runs. */
  get path(): VirtualPath {
    const { storage, directory } = this.#plan;
    const isRunning = this.#begun && !this.#hasEnded;
    const place = isRunning ? storage.jail.nameOfHeld(directory.held) : undefined;
    if (place !== undefined) this.#path = pathIn(place, this.name);
    return this.#path;
  }

  /** Descriptor of its staging file, also open for reading, until the upload ends. */
  get descriptor(): number {
    return this.#descriptor;
  }

  /**
   * Length of the file so far, including the octets before the restart marker and those that are appended to. Exact
   * once it is published: a file can grow while it is appended to.
   */
  get sizeBytes(): number {
    return this.#prefixBytes + this.#positionBytes;
  }

  /** Octets that are to be added to a published file; undefined if the upload is the whole file. */
  get appendedBytes(): number | undefined {
    return this.#plan.base.kind === 'appended' ? this.#positionBytes : undefined;
  }

  loseName(): string | undefined {
    this.#hasLostName = true;
    return this.#announced === undefined ? undefined : this.id;
  }

  contentChanged(from: NameContent, to: NameContent): void {
    if (this.#seen.stats !== undefined && this.#claim() === from) this.#held = to;
  }

  /** Brings the base into the state in which the upload continues it. Called when data can flow. */
  async begin(transfer: UploadTransfer): Promise<void> {
    this.#begun = true;
    transfer.onAbort((reason) => this.#plan.room.abort(reason));
    try {
      await this.#bringBase(transfer);
    } catch (error) {
      throw diskError(error, this.path);
    }
  }

  async #bringBase(transfer: UploadTransfer): Promise<void> {
    const { base, offsetBytes, storage } = this.#plan;
    if (base.kind === 'partial') {
      await truncate(this.#descriptor, offsetBytes);
      storage.refund(this.#chargedBytes - offsetBytes);
      this.#chargedBytes = offsetBytes;
    } else if (base.kind === 'file') {
      await this.#copyBase(base.descriptor, transfer);
    }
  }

  /**
   * Appends octets.
   *
   * @throws QuotaExceededError when the account is full; what still fits has then been written.
   */
  async write(octets: Uint8Array): Promise<void> {
    const { ledger, accountId } = this.#plan.space;
    const waiting = ledger.spend(accountId, octets.length);
    if (waiting !== undefined && (await this.#untilSpent(waiting, octets))) return;
    await this.#writeCharged(octets);
  }

  /** @returns whether the octets have been written, too. */
  async #untilSpent(waiting: Promise<void>, octets: Uint8Array): Promise<boolean> {
    const { space } = this.#plan;
    try {
      const room = waiting.catch((error) => space.spendAfter(error, octets.length, this.path));
      await this.#untilRoom(room, octets.length);
    } catch (error) {
      const isRefused = error instanceof QuotaExceededError;
      // Space may have been freed in the meantime, and then nothing is missing.
      if (isRefused && (await this.#writeWhatFits(octets)) === octets.length) return true;
      throw diskError(error, this.path);
    }
    return false;
  }

  #untilRoom(room: Promise<void>, bytes: number): Promise<void> {
    return this.#plan.room.until(room, () => this.#plan.storage.refund(bytes));
  }

  /** Puts the file in place under its name; what had that name is replaced in the same step. */
  async publish(): Promise<void> {
    const { storage, space, directory } = this.#plan;
    this.#isOver = true;
    let isInPlace = false;
    try {
      await this.#closeDurably();
      this.#settleCharge(this.#positionBytes);
      await storage.nameLock.run(async () => {
        await this.#moveIntoPlace();
        // From here on it is one of the account's files: a recount would count it twice.
        this.#chargedBytes = 0;
      });
      isInPlace = true;
      await space.durability.directory(directory.held.descriptor);
    } catch (error) {
      if (!isInPlace) await this.#leavePartial();
      throw diskError(error, this.path);
    } finally {
      this.#end();
    }
  }

  /**
   * Ends an upload that did not complete. What has arrived stays as a partial, unless nothing has. Does
   * nothing after `publish`, which does the same when it fails.
   *
   * @param failure the reason. A partial that the quota has cut is dropped before the account is refused room; one of
   *   which the client hears that it was cut otherwise is kept, even if the account was full at that moment.
   * @returns the size of the partial that is left, 0 if none is.
   */
  async keep(failure?: unknown): Promise<number> {
    if (this.#isOver) return 0;
    this.#isOver = true;
    this.#isOverQuota = failure instanceof QuotaExceededError;
    try {
      const sizeBytes = fs.fstatSync(this.#descriptor).size;
      closeQuietly(this.#descriptor);
      this.#settleCharge(sizeBytes);
      await this.#leavePartial();
      return this.#isWorthKeeping() ? sizeBytes : 0;
    } finally {
      this.#end();
    }
  }

  async #closeDurably(): Promise<void> {
    try {
      await this.#plan.space.durability.file(this.#descriptor);
    } catch (error) {
      closeQuietly(this.#descriptor);
      throw error;
    }
    await closeWritten(this.#descriptor);
  }

  /** @returns how many octets have been written. */
  async #writeWhatFits(octets: Uint8Array): Promise<number> {
    const { ledger, accountId } = this.#plan.storage;
    const usage = await ledger.usage(accountId);
    const roomBytes = usage === undefined ? 0 : Math.max(0, usage.limitBytes - usage.usedBytes);
    const fitting = octets.subarray(0, Math.min(roomBytes, octets.length));
    if (fitting.length === 0) return 0;
    try {
      const spending = ledger.spend(accountId, fitting.length);
      if (spending !== undefined) await this.#untilRoom(spending, fitting.length);
    } catch (error) {
      // Another upload has taken the last space.
      if (error instanceof QuotaExceededError) return 0;
      throw error;
    }
    await this.#writeCharged(fitting);
    return fitting.length;
  }

  async #writeCharged(octets: Uint8Array): Promise<void> {
    this.#chargedBytes += octets.length;
    try {
      await writeAt(this.#descriptor, octets, this.#positionBytes);
    } catch (error) {
      throw diskError(error, this.path);
    }
    this.#positionBytes += octets.length;
    if (this.#announced === undefined && this.#isWorthAnnouncing()) {
      this.#announced = this.#announce();
    }
  }

  /** STOU cannot be resumed. */
  #isWorthAnnouncing(): boolean {
    return this.#plan.kind !== 'new' && this.#positionBytes >= ANNOUNCED_FROM_BYTES;
  }

  #announce(): Promise<void> {
    return this.#plan.space.partials.announce(this.#asPartial());
  }

  async #copyBase(source: number, transfer: UploadTransfer): Promise<void> {
    const { offsetBytes } = this.#plan;
    if (await shareBlocks(source, this.#descriptor)) {
      await truncate(this.#descriptor, offsetBytes);
      return;
    }
    const copiedBytes = await copyOctets(source, this.#descriptor, {
      lengthBytes: offsetBytes,
      throwIfAborted: () => transfer.throwIfAborted(),
    });
    if (copiedBytes < offsetBytes) {
      throw new TransferAbortedError(`${this.path} has become shorter.`);
    }
  }

  async #moveIntoPlace(): Promise<void> {
    const { storage, space, directory, kind } = this.#plan;
    const { held } = directory;
    if (!storage.jail.isInside(held)) {
      throw Object.assign(new Error('directory left the jail'), { code: 'ENOENT' });
    }
    const target = `${held.entryPrefix}${this.name}`;
    if (kind === 'append to this') await this.#requireUnchanged(target);
    // Before the change, so that a crash in between shows no older upload under the new content.
    const losing = space.mayHaveClaims(this.name, this.id) && space.loseName(this.path, this.id);
    if (losing) await losing;
    // No session may find it under its staging name when that is gone.
    if (this.#plan.base.kind === 'partial') space.partials.hide(this.id);
    if (kind === 'new') {
      await this.#entry.take();
      await link(this.#diskPath, target);
      this.#entry.use();
      await unlink(this.#diskPath);
    } else if (!(await this.#appended(target))) {
      await this.#replace(target);
    }
    storage.nameVersion += 1;
    if (this.#announced !== undefined || this.#plan.base.kind === 'partial') {
      await this.#unannounce();
    }
  }

  async #replace(target: string): Promise<void> {
    const { storage } = this.#plan;
    const replaced = this.#isStillNew ? undefined : await lstat(target);
    const replacedBytes = replaced?.isFile() === true ? replaced.size : 0;
    // The previous file may have been deleted.
    if (replaced === undefined) await this.#entry.take();
    await rename(this.#diskPath, target, replacedBytes);
    if (replaced === undefined) this.#entry.use();
    storage.refund(replacedBytes);
  }

  /** False if the upload is not to be added to anything, or there is nothing that it could be added to. */
  async #appended(target: string): Promise<boolean> {
    const { kind, base, space } = this.#plan;
    const isAppend = kind === 'append' && base.kind !== 'partial';
    if (!isAppend || this.#isStillNew) return false;
    // A crash after the append must not leave its octets twice.
    if (this.#announced !== undefined) await this.#unannounce();
    const beforeBytes = await appendFile({
      target,
      targetPath: `${this.#plan.storage.jail.rootPath}${this.path}`,
      stagedPath: this.#diskPath,
      durability: space.durability,
      onInPlace: () => space.beginAppending(),
    });
    this.#prefixBytes = beforeBytes ?? 0;
    if (beforeBytes === undefined) return false;
    await unlink(this.#diskPath);
    return true;
  }

  async #unannounce(): Promise<void> {
    await this.#announced;
    await this.#plan.space.partials.remove(this);
  }

  /** Nothing has had the name since the upload began. */
  get #isStillNew(): boolean {
    const { stats, nameVersion } = this.#seen;
    return stats === undefined && nameVersion === this.#plan.storage.nameVersion;
  }

  /** @throws UploadMismatchError */
  async #requireUnchanged(target: string): Promise<void> {
    if (this.#plan.base.kind === 'partial') return;
    const claim = this.#claim();
    if (claim !== undefined && isStill(claim, await lstat(target))) return;
    throw new UploadMismatchError(
      `${this.path} has changed while it was appended to; nothing was appended.`,
    );
  }

  async #leavePartial(): Promise<void> {
    const { space } = this.#plan;
    await this.#announced;
    const isKept = this.#isWorthKeeping() && (await space.nameLock.run(() => this.#addPartial()));
    if (isKept) return;
    if (this.#announced !== undefined) await this.#unannounce();
    await unlink(this.#diskPath).catch(ignoreMissing);
    this.#settleCharge(0);
  }

  /** False if the account has been removed. */
  async #addPartial(): Promise<boolean> {
    const { space, directory } = this.#plan;
    const claim = this.#claim();
    const stats = claim && (await lstat(`${directory.held.entryPrefix}${this.name}`));
    if (claim !== undefined && !isStill(claim, stats)) this.#hasLostName = true;
    const isKept = await space.partials.add(this.#asPartial());
    if (isKept) await space.dropExcessPartials();
    return isKept;
  }

  /** A partial that holds nothing more than the file it started from, or nothing, is no use. */
  #isWorthKeeping(): boolean {
    const { base, offsetBytes, kind } = this.#plan;
    if (base.kind === 'partial') return true;
    return this.#begun && kind !== 'new' && this.#positionBytes > offsetBytes;
  }

  /** Content that the name must have for the cut upload to be visible there. Octets to append are no file. */
  #claim(): NameContent | undefined {
    const { base } = this.#plan;
    if (this.#hasLostName || base.kind === 'appended') return undefined;
    if (base.kind !== 'partial') this.#held ??= contentOf(this.#seen.stats);
    return this.#held;
  }

  /** Nothing may happen between a look at the name and the moment from which changes of it are noticed. */
  #seenNow(): NameSeen {
    const { seen, storage, directory } = this.#plan;
    const { nameVersion } = storage;
    if (seen.nameVersion === nameVersion) return seen;
    const entry = `${directory.held.entryPrefix}${this.name}`;
    return { stats: fs.lstatSync(entry, { throwIfNoEntry: false }), nameVersion };
  }

  #asPartial(): PartialUpload {
    return {
      id: this.id,
      path: this.path,
      diskPath: this.#diskPath,
      createdAtMs: this.#createdAtMs,
      cutAtMs: this.#plan.now(),
      held: this.#claim(),
      beginNumber: this.#beginNumber,
      makesWay: this.#isOverQuota,
    };
  }

  #settleCharge(sizeBytes: number): void {
    this.#plan.storage.refund(this.#chargedBytes - sizeBytes);
    this.#chargedBytes = sizeBytes;
  }

  #end(): void {
    const { base, directory, space, storage } = this.#plan;
    this.#hasEnded = true;
    this.#entry.release();
    releaseBase(storage, base);
    space.running.end(this);
    directory.release();
  }
}
