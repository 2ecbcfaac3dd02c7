import { setImmediate as otherWork } from 'node:timers/promises';
import { DatabaseBusyError, isOutOfRoom } from '../../db/database-error.ts';
import type { EscrowRepository } from '../../db/escrow-repository.ts';
import type { Quota, Usage } from '../../db/quota-repository.ts';
import { type Correction, correctCharge, type Measure } from './correction.ts';
import { RESOURCES, type Reservation } from './reservation.ts';
import { Reservations } from './reservations.ts';
import { isSame, NOTHING, sum } from './usage.ts';

/** Ticks until a database that failed is tried again: 5 s. */
const RETRY_TICKS = 25;

/** Time that an upload waits while another process has locked the database. */
const LOCK_PATIENCE_MS = 30_000;

const NO_QUOTA: Quota = { limitBytes: 0, usedBytes: 0, limitEntries: 0, usedEntries: 0 };

/** The statements that a ledger needs. */
export type LedgerQuotas = Pick<
  EscrowRepository,
  'find' | 'take' | 'release' | 'record' | 'remove' | 'findDead' | 'replaceUsed'
>;

interface QuotaLedgerDeps {
  readonly quotas: LedgerQuotas;
  /** What is charged for uploads that run, and has not become one of the account's files. */
  readonly inUploads?: (accountId: number) => Usage;
  /** See `Database.dataVersion`; a change shows that an administrator may have changed a limit. */
  readonly dataVersion: () => number;
  /** Reports a database failure in the background. The ledger tries again by itself. */
  readonly onSettleError: (error: unknown) => void;
  /** Reports an account that got back more than it was charged for: files were added from outside. */
  readonly onUncharged?: (accountId: number) => void;
}

/**
 * Keeps accounts within their quotas while uploads run. The process has one.
 *
 * Space is taken before the bytes reach the disk, and an entry before the file or directory exists, so parallel uploads
 * cannot overshoot together, and what the database calls used is never less than what is on the disk. What is reserved and
 * not yet spent belongs to the account, not to an upload, so none is refused while there is room. It goes back when the
 * account is idle, so that a small file costs no statement at all. One statement takes or returns both, bytes and entries.
 *
 * The database knows the accounts whose files are about to change (decision 39), so that a start after a crash
 * measures only these.
 */
export class QuotaLedger {
  readonly #quotas: QuotaLedgerDeps['quotas'];
  readonly #dataVersion: () => number;
  readonly #onSettleError: (error: unknown) => void;
  readonly #onUncharged: (accountId: number) => void;
  readonly #inUploads: (accountId: number) => Usage;
  readonly #reservations = new Reservations((accountId) => this.#onIdle(accountId));

  constructor({
    quotas,
    dataVersion,
    onSettleError,
    onUncharged,
    inUploads = () => NOTHING,
  }: QuotaLedgerDeps) {
    this.#quotas = quotas;
    this.#inUploads = inUploads;
    this.#onUncharged = onUncharged ?? (() => {});
    this.#dataVersion = dataVersion;
    this.#onSettleError = onSettleError;
  }

  /**
   * Accounts for bytes that are about to be written, and for entries that are about to be made. Returns at once,
   * without a promise, when enough is reserved.
   *
   * @throws QuotaExceededError (always as a rejection) if the account has no room for all of the bytes;
   *   nothing is then spent.
   * @throws TooManyFilesError (the same) if it has none for all of the entries.
   */
  spend(accountId: number, bytes: number, entries = 0): Promise<void> | undefined {
    if (bytes === 0 && entries === 0) return undefined;
    const reservation = this.#reservations.find(accountId);
    if (reservation?.spend(bytes, entries, this.#dataVersion()) === true) return undefined;
    return this.#reserveAndSpend(accountId, { bytes, entries });
  }

  /** Gives back what is no longer on the disk, or was spent and not written or made. */
  refund(accountId: number, bytes: number, entries = 0): void {
    if (bytes === 0 && entries === 0) return;
    const reservation = this.#reservations.of(accountId);
    reservation.refund(bytes, entries);
    if (reservation.isTooLarge && reservation.working === undefined) {
      this.#settleInBackground(accountId);
    }
  }

  /**
   * Runs a change of the account's files that may give something back. If the process dies between the change and
   * the refund, the next start measures the account.
   *
   * A full disk or a locked database does not keep files from being removed: the account is then charged for too much
   * after such an end of the process, until its next recount.
   */
  async change<Result>(accountId: number, task: () => Promise<Result>): Promise<Result> {
    const reservation = this.#reservations.of(accountId);
    reservation.changes += 1;
    try {
      if (!reservation.isRecorded) await this.#recordIfPossible(accountId);
      return await task();
    } finally {
      reservation.changes -= 1;
      reservation.idleTicks = 0;
    }
  }

  /** Usage and limits of the account, exact to the byte and the entry. */
  async usage(accountId: number): Promise<Quota> {
    return await this.#reservations.runExclusive(accountId, async (reservation) => {
      const { limitBytes, usedBytes, limitEntries, usedEntries } = await this.#look(
        accountId,
        reservation,
      );
      // After the account was reported as full, a reservation from before the limit changed must not be spent.
      if (usedBytes > limitBytes) reservation.bytes.checkedVersion = undefined;
      if (usedEntries > limitEntries) reservation.entries.checkedVersion = undefined;
      return {
        limitBytes,
        usedBytes: Math.max(usedBytes - reservation.bytes.reserved, 0),
        limitEntries,
        usedEntries: Math.max(usedEntries - reservation.entries.reserved, 0),
      };
    });
  }

  /**
   * Corrects what an account is charged for, while others may spend and refund.
   *
   * @returns undefined if `measure` did so, or if there is no such account.
   */
  async correct(accountId: number, measure: Measure): Promise<Correction | undefined> {
    return await this.#reservations.runExclusive(accountId, async (reservation) => {
      // Uploads that have just been given space note that first.
      await otherWork();
      const look = () => this.#look(accountId, reservation);
      return await correctCharge({ accountId, reservation, look, quotas: this.#quotas }, measure);
    });
  }

  /** Returns everything that is reserved. Rejects if the database fails; what it did not accept can be tried again. */
  async settleAll(): Promise<void> {
    const settling = this.#reservations.accountIds.map((accountId) => this.#settle(accountId));
    const results = await Promise.allSettled(settling);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async #reserveAndSpend(accountId: number, wanted: Usage): Promise<void> {
    const { bytes, entries } = wanted;
    const take = (reservation: Reservation) => this.#take(accountId, reservation, wanted);
    await patiently(async () => {
      const reservation = this.#reservations.of(accountId);
      if (reservation.spend(bytes, entries, this.#dataVersion())) return true;
      return await this.#reservations.runExclusive(accountId, take);
    });
  }

  async #recordIfPossible(accountId: number): Promise<void> {
    try {
      await this.#reservations.runExclusive(accountId, (reservation) =>
        this.#requireRecorded(accountId, reservation),
      );
    } catch (error) {
      if (!isOutOfRoom(error) && !(error instanceof DatabaseBusyError)) throw error;
    }
  }

  /** Call it with the account's operations excluded. */
  async #requireRecorded(accountId: number, reservation: Reservation): Promise<void> {
    if (reservation.isRecorded) return;
    await this.#recordEscrow(accountId, reservation.amount);
  }

  /** @param reserved reserved from now on, beside what is in uploads. */
  async #recordEscrow(accountId: number, reserved: Usage): Promise<void> {
    await this.#quotas.record(accountId, sum(reserved, this.#inUploads(accountId)));
    this.#reservations.of(accountId).isRecorded = true;
  }

  /** Spends with the limits in view, and takes what is missing. False: others were faster, look again. */
  async #take(accountId: number, reservation: Reservation, wanted: Usage): Promise<boolean> {
    const version = this.#dataVersion();
    const quota = await this.#look(accountId, reservation);
    const room = {
      bytes: quota.limitBytes - quota.usedBytes,
      entries: quota.limitEntries - quota.usedEntries,
    };
    for (const resource of RESOURCES) reservation[resource].checked(room[resource], version);
    reservation.idleTicks = 0;
    reservation.requireRoom(wanted, quota);
    const taken = reservation.amountToTake(wanted, room);
    if (taken === undefined) await this.#requireRecorded(accountId, reservation);
    else {
      await this.#recordEscrow(accountId, sum(reservation.amount, taken));
      if (!(await this.#quotas.take(accountId, taken))) return false;
      reservation.bytes.took(taken.bytes, quota.usedBytes);
      reservation.entries.took(taken.entries, quota.usedEntries);
    }
    // Others may have spent from the reservation during the statement.
    if (RESOURCES.some((resource) => reservation[resource].reserved < wanted[resource]))
      return false;
    for (const resource of RESOURCES) reservation[resource].reserved -= wanted[resource];
    return true;
  }

  /** Usage in the database, see `Allowance.look`. */
  async #look(accountId: number, reservation: Reservation): Promise<Quota> {
    const quota = (await this.#quotas.find(accountId)) ?? NO_QUOTA;
    const hadMoreBytes = reservation.bytes.look(quota.usedBytes);
    const hadMoreEntries = reservation.entries.look(quota.usedEntries);
    if (hadMoreBytes || hadMoreEntries) this.#onUncharged(accountId);
    return quota;
  }

  async #settle(accountId: number): Promise<void> {
    await this.#reservations.runExclusive(accountId, async (reservation) => {
      if (reservation.isEmpty && !reservation.isRecorded) return;
      if (RESOURCES.some((resource) => reservation[resource].isBeyondBooked)) {
        await this.#look(accountId, reservation);
      }
      if (!reservation.isEmpty) await this.#giveBack(accountId, reservation);
      // Uploads that have just been given space note that first.
      await otherWork();
      if (reservation.isEmpty) await this.#close(accountId, reservation);
    });
    this.#reservations.dropIfUnused(accountId);
  }

  async #giveBack(accountId: number, reservation: Reservation): Promise<void> {
    const returned = { bytes: reservation.bytes.drain(), entries: reservation.entries.drain() };
    try {
      await this.#quotas.release(accountId, returned);
      for (const resource of RESOURCES) reservation[resource].released(returned[resource]);
    } catch (error) {
      for (const resource of RESOURCES) reservation[resource].reserved += returned[resource];
      reservation.idleTicks = -RETRY_TICKS;
      throw error;
    }
  }

  /** Nothing is reserved any longer. The escrow goes, unless uploads or changes of names run. */
  async #close(accountId: number, reservation: Reservation): Promise<void> {
    if (this.#isAtWork(accountId, reservation)) {
      await this.#recordEscrow(accountId, NOTHING);
      return;
    }
    // What begins from here on waits, and records the account again.
    reservation.isRecorded = false;
    try {
      await this.#quotas.remove(accountId);
    } catch (error) {
      reservation.isRecorded = true;
      reservation.idleTicks = -RETRY_TICKS;
      throw error;
    }
  }

  #isAtWork(accountId: number, { changes }: Reservation): boolean {
    return changes > 0 || !isSame(this.#inUploads(accountId), NOTHING);
  }

  #settleInBackground(accountId: number): void {
    this.#settle(accountId).catch(this.#onSettleError);
  }

  #onIdle(accountId: number): void {
    const reservation = this.#reservations.of(accountId);
    const isSettled = reservation.isEmpty && this.#isAtWork(accountId, reservation);
    if (!isSettled) this.#settleInBackground(accountId);
  }
}

/** Tries again while another process has the database locked, or `attempt` resolves to false. */
async function patiently(attempt: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + LOCK_PATIENCE_MS;
  for (;;) {
    try {
      if (await attempt()) return;
    } catch (error) {
      if (!(error instanceof DatabaseBusyError) || performance.now() > deadlineMs) throw error;
    }
  }
}
