import fs, { constants } from 'node:fs';
import type { Quota } from '../../db/quota-repository.ts';
import { closeQuietly, openFile } from '../disk/disk.ts';
import { diskError, isDiskFull } from '../disk/disk-errors.ts';
import type { NameContent } from '../disk/name-content.ts';
import { requireOwner } from '../disk/ownership.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';
import { ClientError, FileTooLargeError, QuotaExceededError } from '../errors/errors.ts';
import type { PartialUpload } from './partial-upload.ts';
import { putInPlace } from './put-in-place.ts';
import type { RunningUpload } from './running-uploads.ts';
import { giveMode } from './staging-attributes.ts';
import { copiedBytes, StagingFile, type UploadTransfer } from './staging-file.ts';
import { releaseBase } from './upload-base.ts';
import type { UploadOptions } from './upload-options.ts';

const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;

/**
 * A file that is being uploaded. Octets go to a hidden staging file; `publish` puts it in place in one step, `keep`
 * leaves it to be resumed. One of the two must be called, and ends the upload.
 *
 * Space is taken from the quota before octets are written, and an entry before an upload under a new name starts. At
 * every end the account is charged for exactly the bytes and entries that are on disk.
 */
export class UploadFile implements RunningUpload {
  readonly #options: UploadOptions;
  readonly #staging: StagingFile;
  /** Octets of the published file before those of the staging file. */
  #prefixBytes: number;
  #begun = false;
  #isSettled = false;
  #isTooLarge = false;

  private constructor(options: UploadOptions, staging: StagingFile) {
    const { base, target, space } = options;
    this.#options = options;
    this.#staging = staging;
    this.#prefixBytes = base.kind === 'appended' ? base.sizeBytes : 0;
    target.lookAgain();
    if (base.kind !== 'partial') giveMode(options, staging.descriptor);
    space.running.begin(this);
  }

  /**
   * @throws QuotaExceededError if there is no room for the octets that a resume has to copy.
   * @throws FileUnavailableError if the server may not give files to the owner of the account.
   * @throws TooManyFilesError if nothing has the name and the account can have no further file.
   */
  static async open(options: UploadOptions): Promise<UploadFile> {
    const { target, entry, room, space, rules } = options;
    requireOwner(rules.owner);
    const { chargeKnown } = space;
    if (chargeKnown !== undefined) await room.until(chargeKnown, () => {});
    try {
      const taking = target.isUnused ? entry.takeFor(target.path) : undefined;
      if (taking !== undefined) await room.until(taking, () => entry.release());
      return await UploadFile.#open(options);
    } catch (error) {
      entry.release();
      throw error;
    }
  }

  static async #open(options: UploadOptions): Promise<UploadFile> {
    const { base, storage, space, offsetBytes, target, room } = options;
    if (base.kind === 'partial') {
      await space.staging.make();
      const descriptor = await openFile(base.partial.diskPath, O_RDWR | O_NOFOLLOW);
      return UploadFile.#resume(options, base.partial, descriptor);
    }
    const bytes = copiedBytes(base, offsetBytes);
    const spending = space.spend(bytes, target.path);
    if (spending !== undefined) await room.until(spending, () => storage.refund(bytes));
    const opened = space.running.opening(bytes);
    try {
      const flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW;
      const file = await space.staging.newFile();
      const descriptor = await openFile(file.diskPath, flags, 0o666);
      return new UploadFile(options, new StagingFile(options, file, descriptor));
    } catch (error) {
      storage.refund(bytes);
      if (!isDiskFull(error) || !(await space.freeDisk())) throw error;
    } finally {
      opened();
    }
    return await UploadFile.#open(options);
  }

  static #resume(options: UploadOptions, partial: PartialUpload, descriptor: number): UploadFile {
    try {
      return new UploadFile(options, new StagingFile(options, partial, descriptor));
    } catch (error) {
      closeQuietly(descriptor);
      throw error;
    }
  }

  get name(): string {
    return this.#options.target.name;
  }

  get id(): string {
    return this.#staging.id;
  }

  /** Bytes charged to its account. 0 once its file has been published. */
  get chargedBytes(): number {
    return this.#staging.chargedBytes;
  }

  /** The name that it is published under: its directory may be renamed while it runs. */
  get path(): VirtualPath {
    return this.#options.target.path;
  }

  /** The same as the client knows it. */
  get shownPath(): VirtualPath {
    return this.#options.shown(this.path);
  }

  /** A failure as the client may know it. */
  shownFailure(error: unknown): unknown {
    const failure = this.#options.access.veiled(error, this.path);
    if (failure instanceof ClientError)
      failure.showPaths((path) => this.#options.shown(path as VirtualPath));
    return failure;
  }

  /** What is used and can be used by the account that is charged; undefined if the client must not know it. */
  async usage(): Promise<Quota | undefined> {
    const { access, space } = this.#options;
    return access.seesUsage ? await space.ledger.usage(space.accountId) : undefined;
  }

  /** Whether that number of further octets can have room, also by the deletion of old files if a rule says so. */
  canGetRoom(bytes: number): Promise<boolean> {
    return this.#options.storage.canGetRoom(bytes, this.path);
  }

  /** Descriptor of its staging file, also open for reading, until the upload ends. */
  get descriptor(): number {
    return this.#staging.descriptor;
  }

  /**
   * Length of the file so far, including the octets before the restart marker and those that are appended to. Exact
   * once it is published: a file can grow while it is appended to.
   */
  get sizeBytes(): number {
    return this.#prefixBytes + this.#staging.positionBytes;
  }

  /** Octets that are to be added to a published file; undefined if the upload is the whole file. */
  get appendedBytes(): number | undefined {
    return this.#options.base.kind === 'appended' ? this.#staging.positionBytes : undefined;
  }

  loseName(): string | undefined {
    this.#options.target.loseName();
    return this.#staging.persisting === undefined ? undefined : this.id;
  }

  contentChanged(from: NameContent, to: NameContent): void {
    this.#options.target.contentChanged(from, to);
  }

  /** Brings the base into the state in which the upload continues it. Called when data can flow. */
  async begin(transfer: UploadTransfer): Promise<void> {
    const { target, room } = this.#options;
    this.#begun = true;
    target.follow();
    transfer.onAbort((reason) => room.abort(reason));
    try {
      await this.#staging.bringBase(transfer);
    } catch (error) {
      throw diskError(error, this.path);
    }
  }

  /** What it is added to, or is put in place beside, is not the client's to know. */
  get isBlind(): boolean {
    return this.#options.policy.isBlind;
  }

  /**
   * Appends octets.
   *
   * @throws QuotaExceededError when the account is full; what still fits has then been written.
   * @throws FileTooLargeError when the file would be larger than the account may upload.
   */
  write(octets: Uint8Array): Promise<void> {
    this.#options.access.requireUploadSize(this.sizeBytes + octets.length);
    return this.#staging.write(octets);
  }

  /** Puts the file in place under its name; what had that name is replaced in the same step. */
  async publish(): Promise<void> {
    const { storage, space, target } = this.#options;
    const staging = this.#staging;
    this.#isSettled = true;
    let isInPlace = false;
    try {
      await staging.closeDurably();
      staging.settleCharge(staging.positionBytes);
      await storage.nameLock.run(async () => {
        const prefixBytes = await putInPlace(this.#options, staging);
        if (!this.isBlind) this.#prefixBytes = prefixBytes;
        // From here on it is one of the account's files: a recount would count it twice.
        staging.passChargeOn();
      });
      isInPlace = true;
      await space.durability.directory(target.directory.descriptor);
    } catch (error) {
      this.#isTooLarge = error instanceof FileTooLargeError;
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
    if (this.#isSettled) return 0;
    this.#isSettled = true;
    if (failure instanceof QuotaExceededError) this.#staging.cutByQuota();
    this.#isTooLarge = failure instanceof FileTooLargeError;
    try {
      const sizeBytes = fs.fstatSync(this.descriptor).size;
      closeQuietly(this.descriptor);
      this.#staging.settleCharge(sizeBytes);
      await this.#leavePartial();
      return this.#isWorthKeeping() ? sizeBytes : 0;
    } finally {
      this.#end();
    }
  }

  async #leavePartial(): Promise<void> {
    const { space } = this.#options;
    const staging = this.#staging;
    await staging.persisting;
    const isKept = this.#isWorthKeeping() && (await space.nameLock.run(() => this.#addPartial()));
    if (!isKept) await staging.remove();
  }

  /** See {@link StagingFile.keep}. */
  async #addPartial(): Promise<boolean> {
    const { space, target } = this.#options;
    await target.loseNameIfTaken();
    const isKept = await this.#staging.keep();
    if (isKept) await space.dropExcessPartials();
    return isKept;
  }

  /** A partial that holds nothing more than the file it started from, or nothing, is no use. */
  #isWorthKeeping(): boolean {
    const { base, offsetBytes, kind } = this.#options;
    if (this.#isTooLarge) return false;
    if (base.kind === 'partial') return true;
    return this.#begun && kind !== 'new' && this.#staging.positionBytes > offsetBytes;
  }

  #end(): void {
    const { base, target, entry, space, storage } = this.#options;
    entry.release();
    target.release();
    releaseBase(storage, base);
    space.running.end(this);
  }
}
