import fs, { constants } from 'node:fs';
import { QuotaExceededError, TransferAbortedError } from '../errors.ts';
import {
  closeQuietly,
  closeWritten,
  copyFile,
  ignoreMissing,
  link,
  openFile,
  readAt,
  rename,
  truncate,
  unlink,
  writeAt,
} from './disk.ts';
import { diskError } from './disk-errors.ts';
import type { DirectoryLease } from './held-directories.ts';
import type { PartialUpload } from './partial-uploads.ts';
import { releaseBase, type UploadBase } from './upload-base.ts';
import type { UserStorage } from './user-storage.ts';
import { nameOf, pathIn, type VirtualPath } from './virtual-path.ts';
import { sizeIfThere, type WritableSpace } from './writable-space.ts';

const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;

/** An upload of so many bytes is worth a row in the database, so that a crash leaves it resumable. */
const ANNOUNCED_FROM_BYTES = 1024 * 1024;

const COPY_CHUNK_BYTES = 1024 * 1024;

interface UploadPlan {
  readonly storage: UserStorage;
  readonly space: WritableSpace;
  /** The name that the upload is published under. */
  readonly path: VirtualPath;
  /** The directory that holds the name. */
  readonly directory: DirectoryLease;
  readonly base: UploadBase;
  /** Octets of the base that stay. */
  readonly offsetBytes: number;
  /** What `storage.nameChanges` was when nothing had the name; undefined if something had it. */
  readonly wasNewAt: number | undefined;
  /** STOU: never replaces anything. */
  readonly mustBeNew: boolean;
  readonly now: () => number;
}

/**
 * A file being uploaded. Octets go to a staging file that nobody sees; `publish` puts it in place in one
 * step, `keep` leaves it to be resumed. One of the two must be called, and ends the upload.
 *
 * Space is taken from the quota before octets are written. At every end the account is charged for
 * exactly the bytes that are on disk.
 */
export class UploadFile {
  readonly #plan: UploadPlan;
  #path: VirtualPath;
  readonly #id: string;
  readonly #diskPath: string;
  readonly #descriptor: number;
  readonly #createdAtMs: number;
  #positionBytes: number;
  #chargedBytes: number;
  #begun = false;
  #announced: Promise<void> | undefined;
  #isOver = false;
  #hasEnded = false;

  private constructor(
    plan: UploadPlan,
    staging: { id: string; diskPath: string; descriptor: number; chargedBytes: number },
  ) {
    this.#plan = plan;
    this.#path = plan.path;
    this.#id = staging.id;
    this.#diskPath = staging.diskPath;
    this.#descriptor = staging.descriptor;
    this.#chargedBytes = staging.chargedBytes;
    this.#positionBytes = plan.offsetBytes;
    this.#createdAtMs = plan.base.kind === 'partial' ? plan.base.partial.createdAtMs : plan.now();
    plan.space.running.begin(this);
  }

  /** @throws QuotaExceededError if there is no room for the octets that a resume has to copy. */
  static async open(plan: UploadPlan): Promise<UploadFile> {
    const { base, storage, offsetBytes } = plan;
    if (base.kind === 'partial') {
      const { id, diskPath } = base.partial;
      const descriptor = await openFile(diskPath, O_RDWR | O_NOFOLLOW);
      const chargedBytes = fs.fstatSync(descriptor).size;
      return new UploadFile(plan, { id, diskPath, descriptor, chargedBytes });
    }
    const copiedBytes = base.kind === 'file' ? offsetBytes : 0;
    if (copiedBytes > 0) await storage.ledger?.spend(storage.accountId, copiedBytes);
    try {
      const { id, diskPath } = await plan.space.newStagingFile();
      const descriptor = await openFile(diskPath, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o666);
      return new UploadFile(plan, { id, diskPath, descriptor, chargedBytes: copiedBytes });
    } catch (error) {
      storage.refund(copiedBytes);
      throw error;
    }
  }

  /** The name that it is published under: its directory may be renamed while it runs. */
  get path(): VirtualPath {
    const { storage, directory } = this.#plan;
    const isRunning = this.#begun && !this.#hasEnded;
    const place = isRunning ? storage.jail.nameOfHeld(directory.held) : undefined;
    if (place !== undefined) this.#path = pathIn(place, nameOf(this.#path));
    return this.#path;
  }

  /** Of its staging file, open for reading, too, until the upload ends. */
  get descriptor(): number {
    return this.#descriptor;
  }

  /** Octets of the file so far, those before the restart marker included. */
  get sizeBytes(): number {
    return this.#positionBytes;
  }

  /** Brings the base into the state that the upload carries on from. Called when data can flow. */
  async begin(transfer: { throwIfAborted(): void }): Promise<void> {
    this.#begun = true;
    try {
      await this.#bringBase(transfer);
    } catch (error) {
      throw diskError(error, this.path);
    }
  }

  async #bringBase(transfer: { throwIfAborted(): void }): Promise<void> {
    const { base, offsetBytes, storage } = this.#plan;
    if (base.kind === 'nothing') {
      const superseded = this.#shownPartial();
      if (superseded === undefined || storage.partials?.isClaimed(superseded)) return;
      await storage.names.run(() => storage.dropPartial(superseded));
    } else if (base.kind === 'partial') {
      await truncate(this.#descriptor, offsetBytes);
      storage.refund(this.#chargedBytes - offsetBytes);
      this.#chargedBytes = offsetBytes;
    } else {
      await this.#copyBase(base.descriptor, transfer);
    }
  }

  /**
   * Appends octets.
   *
   * @throws QuotaExceededError when the account is full; what still fits has then been written.
   */
  async write(octets: Uint8Array): Promise<void> {
    const { ledger, accountId } = this.#plan.storage;
    try {
      const waiting = ledger?.spend(accountId, octets.length);
      if (waiting !== undefined) await waiting;
    } catch (error) {
      if (error instanceof QuotaExceededError) await this.#writeWhatFits(octets);
      throw diskError(error, this.path);
    }
    await this.#writeCharged(octets);
  }

  /** Puts the file in place under its name; what had that name is replaced in the same step. */
  async publish(): Promise<void> {
    const { storage, space, directory } = this.#plan;
    this.#isOver = true;
    let isInPlace = false;
    try {
      await this.#closeDurably();
      this.#settleCharge(this.#positionBytes);
      await storage.names.run(() => this.#moveIntoPlace());
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
   * @returns the size of the partial that is left, 0 if none is.
   */
  async keep(): Promise<number> {
    if (this.#isOver) return 0;
    this.#isOver = true;
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

  async #writeWhatFits(octets: Uint8Array): Promise<void> {
    const { ledger, accountId } = this.#plan.storage;
    const usage = await ledger?.usage(accountId);
    const roomBytes = usage === undefined ? 0 : Math.max(0, usage.limitBytes - usage.usedBytes);
    const fitting = octets.subarray(0, Math.min(roomBytes, octets.length));
    if (fitting.length === 0) return;
    try {
      await ledger?.spend(accountId, fitting.length);
    } catch (error) {
      // Another upload took the last room meanwhile.
      if (error instanceof QuotaExceededError) return;
      throw error;
    }
    await this.#writeCharged(fitting);
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
    return !this.#plan.mustBeNew && this.#positionBytes >= ANNOUNCED_FROM_BYTES;
  }

  #announce(): Promise<void> {
    return this.#plan.storage.partials?.announce(this.#asPartial()) ?? Promise.resolve();
  }

  async #copyBase(source: number, transfer: { throwIfAborted(): void }): Promise<void> {
    const { offsetBytes } = this.#plan;
    if (await this.#cloned(source)) {
      await truncate(this.#descriptor, offsetBytes);
      return;
    }
    const buffer = Buffer.allocUnsafeSlow(Math.min(COPY_CHUNK_BYTES, offsetBytes));
    for (let positionBytes = 0; positionBytes < offsetBytes; ) {
      transfer.throwIfAborted();
      const lengthBytes = Math.min(buffer.length, offsetBytes - positionBytes);
      const bytes = await readAt(source, { buffer, lengthBytes, positionBytes });
      if (bytes === 0) throw new TransferAbortedError(`${this.path} was cut by somebody else.`);
      await writeAt(this.#descriptor, buffer.subarray(0, bytes), positionBytes);
      positionBytes += bytes;
    }
  }

  /** Shares the blocks of the base instead of copying them, where the file system can. */
  async #cloned(source: number): Promise<boolean> {
    try {
      const from = `/proc/self/fd/${source}`;
      await copyFile(from, `/proc/self/fd/${this.#descriptor}`, constants.COPYFILE_FICLONE_FORCE);
      return true;
    } catch {
      return false;
    }
  }

  async #moveIntoPlace(): Promise<void> {
    const { storage, directory, mustBeNew } = this.#plan;
    const { held } = directory;
    if (!storage.jail.isInside(held)) {
      throw Object.assign(new Error('directory left the jail'), { code: 'ENOENT' });
    }
    const target = `${held.entryPrefix}${nameOf(this.#path)}`;
    if (mustBeNew) {
      await link(this.#diskPath, target);
      await unlink(this.#diskPath);
    } else {
      const isStillNew = this.#plan.wasNewAt === storage.nameChanges;
      const replacedBytes = isStillNew ? 0 : await sizeIfThere(target);
      await rename(this.#diskPath, target, replacedBytes);
      storage.refund(replacedBytes);
    }
    storage.nameChanges += 1;
    await this.#forgetPartials();
  }

  /** The published file ends what its name had as a partial, this one or an older. */
  async #forgetPartials(): Promise<void> {
    const { storage, base } = this.#plan;
    const { partials } = storage;
    if (partials === undefined) return;
    if (this.#announced !== undefined || base.kind === 'partial') {
      await this.#announced;
      await partials.remove(this.#asPartial());
    }
    const other = this.#shownPartial();
    if (other !== undefined && !partials.isClaimed(other)) await storage.dropPartial(other);
  }

  async #leavePartial(): Promise<void> {
    const { storage } = this.#plan;
    const { partials } = storage;
    await this.#announced;
    if (!this.#isWorthKeeping()) {
      if (this.#announced !== undefined) await partials?.remove(this.#asPartial());
      await unlink(this.#diskPath).catch(ignoreMissing);
      this.#settleCharge(0);
      return;
    }
    await storage.names.run(async () => {
      const older = this.#shownPartial();
      if (older !== undefined && older.id !== this.#id) await storage.dropPartial(older);
      await partials?.add(this.#asPartial());
      await this.#plan.space.dropExcessPartials();
    });
  }

  /** A partial that holds nothing more than the file it started from, or nothing, is no use. */
  #isWorthKeeping(): boolean {
    const { base, offsetBytes, mustBeNew } = this.#plan;
    if (base.kind === 'partial') return true;
    return this.#begun && !mustBeNew && this.#positionBytes > offsetBytes;
  }

  /** What its owner sees under the name, if that is a partial. */
  #shownPartial(): PartialUpload | undefined {
    const { partials } = this.#plan.space;
    return partials.isEmpty ? undefined : partials.find(this.path);
  }

  #asPartial(): PartialUpload {
    return {
      id: this.#id,
      path: this.path,
      diskPath: this.#diskPath,
      createdAtMs: this.#createdAtMs,
      cutAtMs: this.#plan.now(),
    };
  }

  #settleCharge(sizeBytes: number): void {
    this.#plan.storage.refund(this.#chargedBytes - sizeBytes);
    this.#chargedBytes = sizeBytes;
  }

  #end(): void {
    const { base, directory, space, storage } = this.#plan;
    this.#hasEnded = true;
    releaseBase(storage, base);
    space.running.end(this);
    directory.release();
  }
}
