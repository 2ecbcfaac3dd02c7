import fs from 'node:fs';
import { copyOctets, shareBlocks } from '../disk/copy-octets.ts';
import {
  closeQuietly,
  closeWritten,
  ignoreMissing,
  truncate,
  unlink,
  writeAt,
} from '../disk/disk.ts';
import { diskError, isDiskFull } from '../disk/disk-errors.ts';
import { naming, QuotaExceededError, TransferAbortedError } from '../errors/errors.ts';
import type { PartialUpload } from './partial-upload.ts';
import { giveOwner } from './staging-attributes.ts';
import type { UploadBase } from './upload-base.ts';
import type { UploadOptions } from './upload-options.ts';

/** An upload of this size gets a row in the database early, so that it can be resumed after a crash. */
const PERSISTED_FROM_BYTES = 1024 * 1024;

/** The transfer that brings the octets. */
export interface UploadTransfer {
  throwIfAborted(): void;
  onAbort(callback: (reason: Error) => void): void;
}

/**
 * The hidden file that the octets of an upload are written to, and what the server keeps for it: the bytes that its
 * account is charged for, and its row in the database.
 *
 * Space is taken from the quota before octets are written.
 */
export class StagingFile {
  readonly id: string;
  /** Open for reading, too, until the upload ends. */
  readonly descriptor: number;
  readonly #options: UploadOptions;
  readonly #createdAtMs: number;
  readonly #beginNumber: number;
  #diskPath: string;
  #positionBytes: number;
  #chargedBytes: number;
  #persisting: Promise<void> | undefined;
  #isOverQuota = false;

  constructor(
    options: UploadOptions,
    { id, diskPath }: Pick<PartialUpload, 'id' | 'diskPath'>,
    descriptor: number,
  ) {
    const { base, offsetBytes, space } = options;
    this.#options = options;
    this.id = id;
    this.#diskPath = diskPath;
    this.descriptor = descriptor;
    this.#positionBytes = offsetBytes;
    this.#chargedBytes =
      base.kind === 'partial' ? fs.fstatSync(descriptor).size : copiedBytes(base, offsetBytes);
    this.#createdAtMs = base.kind === 'partial' ? base.partial.createdAtMs : options.now();
    this.#beginNumber = space.partials.nextBeginNumber();
    if (base.kind === 'partial') {
      this.#diskPath = space.staging.take(base.partial);
      space.partials.resumed(this, this.#beginNumber);
    }
  }

  get diskPath(): string {
    return this.#diskPath;
  }

  /** Where the next octet is written. */
  get positionBytes(): number {
    return this.#positionBytes;
  }

  /** Bytes that the account is charged for it. */
  get chargedBytes(): number {
    return this.#chargedBytes;
  }

  /** Resolves when the row that a large upload gets before its end is in the database; undefined without one. */
  get persisting(): Promise<void> | undefined {
    return this.#persisting;
  }

  /** Brings the octets of the base into the file. */
  async bringBase(transfer: UploadTransfer): Promise<void> {
    const { base, offsetBytes, space } = this.#options;
    if (base.kind === 'partial') {
      await space.ledger.change(space.accountId, async () => {
        await truncate(this.descriptor, offsetBytes);
        this.settleCharge(offsetBytes);
      });
    } else if (base.kind === 'file') {
      await this.#copyBase(base.descriptor, transfer);
    }
  }

  async #copyBase(source: number, transfer: UploadTransfer): Promise<void> {
    const { offsetBytes, target } = this.#options;
    if (await shareBlocks(source, this.descriptor)) {
      await truncate(this.descriptor, offsetBytes);
      return;
    }
    const bytes = await copyOctets(source, this.descriptor, {
      lengthBytes: offsetBytes,
      throwIfAborted: () => transfer.throwIfAborted(),
    });
    if (bytes < offsetBytes)
      throw new TransferAbortedError(naming`${target.path} has become shorter.`);
  }

  /** Appends octets. See `UploadFile.write`. */
  async write(octets: Uint8Array): Promise<void> {
    const { ledger, accountId } = this.#options.space;
    const waiting = ledger.spend(accountId, octets.length);
    if (waiting !== undefined && (await this.#untilSpent(waiting, octets))) return;
    await this.#writeCharged(octets);
  }

  /** @returns whether the octets have been written, too. */
  async #untilSpent(waiting: Promise<void>, octets: Uint8Array): Promise<boolean> {
    const { space, target } = this.#options;
    try {
      const room = waiting.catch((error) => space.spendAfter(error, octets.length, target.path));
      await this.#untilRoom(room, octets.length);
    } catch (error) {
      const isRefused = error instanceof QuotaExceededError;
      // Space may have been freed in the meantime, and then nothing is missing.
      if (isRefused && (await this.#writeWhatFits(octets)) === octets.length) return true;
      throw diskError(error, target.path);
    }
    return false;
  }

  #untilRoom(room: Promise<void>, bytes: number): Promise<void> {
    return this.#options.room.until(room, () => this.#options.storage.refund(bytes));
  }

  /** @returns how many octets have been written. */
  async #writeWhatFits(octets: Uint8Array): Promise<number> {
    const { ledger, accountId } = this.#options.storage;
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
      await this.#writeToDisk(octets);
    } catch (error) {
      throw diskError(error, this.#options.target.path);
    }
    this.#positionBytes += octets.length;
    if (this.#persisting === undefined && this.#isWorthPersisting()) {
      this.#persisting = this.#options.space.partials.persistAhead(this.#asPartial());
    }
  }

  async #writeToDisk(octets: Uint8Array): Promise<void> {
    try {
      await writeAt(this.descriptor, octets, this.#positionBytes);
    } catch (error) {
      // On a full disk, what the account has deleted makes room.
      if (!isDiskFull(error) || !(await this.#options.space.freeDisk())) throw error;
      await this.#writeToDisk(octets);
    }
  }

  /** STOU cannot be resumed. */
  #isWorthPersisting(): boolean {
    return this.#options.kind !== 'new' && this.#positionBytes >= PERSISTED_FROM_BYTES;
  }

  /** Removes its row from the database; it is no partial any longer. */
  async dropRow(): Promise<void> {
    await this.#persisting;
    await this.#options.space.partials.remove(this);
  }

  /**
   * Makes it a partial. The record of the partial follows the file in the same step.
   *
   * @returns false if that is of no use: its account has been removed, or its file is gone, because this process counts as
   *   dead.
   */
  async keep(): Promise<boolean> {
    const { space } = this.#options;
    const keptPath = space.staging.keep(this);
    if (keptPath === undefined) return false;
    this.#diskPath = keptPath;
    return await space.partials.add(this.#asPartial());
  }

  /** Removes it, with its row. A row without a file is left to the process that has taken the file. */
  async remove(): Promise<void> {
    const { space, base } = this.#options;
    const hasRow = this.#persisting !== undefined || base.kind === 'partial';
    // No session may find it while it goes.
    space.partials.hide(this.id);
    if ((await isUnlinked(this.#diskPath)) && hasRow) await this.dropRow();
    this.settleCharge(0);
  }

  #asPartial(): PartialUpload {
    const { target, now, access } = this.#options;
    return {
      uploader: access.uploader,
      id: this.id,
      path: target.path,
      diskPath: this.diskPath,
      createdAtMs: this.#createdAtMs,
      cutAtMs: now(),
      held: target.claim(),
      beginNumber: this.#beginNumber,
      makesWay: this.#isOverQuota,
    };
  }

  /** The quota has cut the upload: as a partial it is dropped before the account is refused room. */
  cutByQuota(): void {
    this.#isOverQuota = true;
  }

  /** Charges the account for exactly this size. */
  settleCharge(sizeBytes: number): void {
    this.#options.storage.refund(this.#chargedBytes - sizeBytes);
    this.#chargedBytes = sizeBytes;
  }

  /** The account is charged for the octets as one of its files from now on. */
  passChargeOn(): void {
    this.#chargedBytes = 0;
  }

  /** @throws FileUnavailableError if it cannot be given to the owner of the account. */
  async closeDurably(): Promise<void> {
    try {
      giveOwner(this.#options, this.descriptor);
      await this.#options.space.durability.file(this.descriptor);
    } catch (error) {
      closeQuietly(this.descriptor);
      throw error;
    }
    await closeWritten(this.descriptor);
  }
}

/** @returns false if there is no such file. */
async function isUnlinked(path: string): Promise<boolean> {
  return await unlink(path).then(
    () => true,
    (error) => ignoreMissing(error) ?? false,
  );
}

/** Octets that an upload copies from a published file before it begins. */
export function copiedBytes(base: UploadBase, offsetBytes: number): number {
  return base.kind === 'file' ? offsetBytes : 0;
}
