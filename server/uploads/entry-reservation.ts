import { isDiskFull } from '../disk/disk-errors.ts';
import type { VirtualPath } from '../disk/virtual-path.ts';
import { TooManyFilesError } from '../errors/errors.ts';
import type { WritableSpace } from './writable-space.ts';

/**
 * The entry of a file or directory that is about to be made: the account is charged for it before it exists, so that
 * uploads that run at once cannot go beyond the limit together.
 */
export class EntryReservation {
  readonly #space: WritableSpace;
  #isHeld = false;

  constructor(space: WritableSpace) {
    this.#space = space;
  }

  /**
   * Charges the account, unless that has been done. Returns at once if there is nothing to wait for.
   *
   * @throws TooManyFilesError (as a rejection)
   */
  take(): Promise<void> | undefined {
    if (this.#isHeld) return undefined;
    const { ledger, accountId } = this.#space;
    const waiting = ledger.spend(accountId, 0, 1);
    if (waiting !== undefined) return waiting.then(() => this.#hold());
    this.#hold();
    return undefined;
  }

  /**
   * The same, for a new name; old files are deleted if a rule says so.
   *
   * @throws TooManyFilesError (as a rejection)
   */
  takeFor(path: VirtualPath): Promise<void> | undefined {
    return this.takeOnceMeasured()?.catch(async (error: unknown) => {
      const wanted = { bytes: 0, entries: 1 };
      const isRefused = error instanceof TooManyFilesError;
      if (!isRefused || !(await this.#space.oldFiles.makeRoom(wanted, path))) throw error;
      await this.takeFor(path);
    });
  }

  /**
   * The same; an account that a crash has left charged for too much is measured before it is refused. Call it without
   * `nameLock`.
   */
  takeOnceMeasured(): Promise<void> | undefined {
    return this.take()?.catch(async (error: unknown) => {
      // The database has no room for the charge; what the account has deleted makes some.
      if (isDiskFull(error) && (await this.#space.freeDisk())) return await this.takeOnceMeasured();
      const measured = error instanceof TooManyFilesError ? this.#space.measured : undefined;
      if (measured === undefined) throw error;
      await measured;
      await this.take();
    });
  }

  /** The file or directory exists now. */
  use(): void {
    if (this.#isHeld) this.#space.reservedEntries -= 1;
    this.#isHeld = false;
  }

  /** In the same step as the charge; otherwise a recount in between would miss it. */
  #hold(): void {
    this.#isHeld = true;
    this.#space.reservedEntries += 1;
  }

  /** Gives the entry back, unless it is used. */
  release(): void {
    if (!this.#isHeld) return;
    this.use();
    this.#space.refund(0, 1);
  }
}
