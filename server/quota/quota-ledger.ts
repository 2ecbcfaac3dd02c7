import { setImmediate as otherWork } from 'node:timers/promises';
import { DatabaseBusyError } from '../../db/database-error.ts';
import type { Quota, QuotaRepository, Usage } from '../../db/quota-repository.ts';
import { RESOURCES, Reservation } from './reservation.ts';

const TICK_MS = 200;
/** A reservation goes back when nothing has happened for at least one whole tick. */
const IDLE_TICKS = 2;
/** Ticks until a database that failed is tried again: 5 s. */
const RETRY_TICKS = 25;

/** Time that an upload waits while another process has locked the database. */
const LOCK_PATIENCE_MS = 30_000;

const NO_QUOTA: Quota = { limitBytes: 0, usedBytes: 0, limitEntries: 0, usedEntries: 0 };

interface QuotaLedgerDeps {
  readonly quotas: Pick<QuotaRepository, 'find' | 'take' | 'release' | 'replaceUsed'>;
  /** See `Database.dataVersion`; a change shows that an administrator may have changed a limit. */
  readonly dataVersion: () => number;
  /** Reports a database failure in the background. The ledger tries again by itself. */
  readonly onSettleError: (error: unknown) => void;
  /** Reports an account that got back more than it was charged for: files were added from outside. */
  readonly onUncharged?: (accountId: number) => void;
}

/** Correction by a recount: the charge before and after. */
export interface Correction {
  readonly before: Usage;
  readonly after: Usage;
}

/**
 * Keeps accounts within their quotas while uploads run. The process has one.
 *
 * Space is taken before the bytes reach the disk, and an entry before the file or directory exists, so parallel uploads
 * cannot overshoot together, and what the database calls used is never less than what is on the disk. What is reserved and
 * not yet spent belongs to the account, not to an upload, so none is refused while there is room. It goes back when the
 * account is idle, so that a small file costs no statement at all. One statement takes or returns both, bytes and entries.
 */
export class QuotaLedger {
  readonly #quotas: QuotaLedgerDeps['quotas'];
  readonly #dataVersion: () => number;
  readonly #onSettleError: (error: unknown) => void;
  readonly #onUncharged: (accountId: number) => void;
  readonly #reservations = new Map<number, Reservation>();
  #ticker: NodeJS.Timeout | undefined;

  constructor({ quotas, dataVersion, onSettleError, onUncharged }: QuotaLedgerDeps) {
    this.#quotas = quotas;
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
    const reservation = this.#reservations.get(accountId);
    if (reservation?.spend(bytes, entries, this.#dataVersion()) === true) return undefined;
    return this.#reserveAndSpend(accountId, { bytes, entries });
  }

  /** Gives back what is no longer on the disk, or was spent and not written or made. */
  refund(accountId: number, bytes: number, entries = 0): void {
    if (bytes === 0 && entries === 0) return;
    const reservation = this.#reservationOf(accountId);
    reservation.refund(bytes, entries);
    if (reservation.isTooLarge && reservation.working === undefined) {
      this.#settleInBackground(accountId);
    }
  }

  /** Usage and limits of the account, exact to the byte and the entry. */
  async usage(accountId: number): Promise<Quota> {
    return await this.#runExclusive(accountId, async (reservation) => {
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
   * @param measure called when the account's charges are at rest: it must return at once what the account should be
   *   charged for, given what it is charged for; or undefined for "ask again later".
   * @returns undefined if `measure` did so, or if there is no such account.
   */
  async correct(
    accountId: number,
    measure: (charged: Usage) => Usage | undefined,
  ): Promise<Correction | undefined> {
    return await this.#runExclusive(accountId, async (reservation) => {
      // Uploads that have just been given space note that first.
      await otherWork();
      for (;;) {
        const { usedBytes, usedEntries } = await this.#look(accountId, reservation);
        const from = { bytes: usedBytes, entries: usedEntries };
        // Between here and the end of the statement below, only what is reserved changes.
        const reserved = {
          bytes: reservation.bytes.reserved,
          entries: reservation.entries.reserved,
        };
        const before = difference(from, reserved);
        const after = measure(before);
        if (after === undefined) return undefined;
        const to = {
          bytes: after.bytes + reserved.bytes,
          entries: after.entries + reserved.entries,
        };
        if (!isSame(from, to) && !(await this.#quotas.replaceUsed({ accountId, from, to }))) {
          if ((await this.#quotas.find(accountId)) === undefined) return undefined;
          continue;
        }
        reservation.bytes.corrected(to.bytes);
        reservation.entries.corrected(to.entries);
        return { before, after };
      }
    });
  }

  /** Returns everything that is reserved. Rejects if the database fails; what it did not accept can be tried again. */
  async settleAll(): Promise<void> {
    const settling = [...this.#reservations.keys()].map((accountId) => this.#settle(accountId));
    const results = await Promise.allSettled(settling);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async #reserveAndSpend(accountId: number, wanted: Usage): Promise<void> {
    const deadlineMs = performance.now() + LOCK_PATIENCE_MS;
    const { bytes, entries } = wanted;
    while (!this.#reservationOf(accountId).spend(bytes, entries, this.#dataVersion())) {
      try {
        const take = (reservation: Reservation) => this.#take(accountId, reservation, wanted);
        if (await this.#runExclusive(accountId, take)) return;
      } catch (error) {
        if (!(error instanceof DatabaseBusyError) || performance.now() > deadlineMs) throw error;
      }
    }
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
    if (taken !== undefined) {
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
    await this.#runExclusive(accountId, async (reservation) => {
      if (reservation.isEmpty) return;
      if (RESOURCES.some((resource) => reservation[resource].isBeyondBooked)) {
        await this.#look(accountId, reservation);
      }
      const returned = { bytes: reservation.bytes.drain(), entries: reservation.entries.drain() };
      try {
        await this.#quotas.release(accountId, returned);
        for (const resource of RESOURCES) reservation[resource].released(returned[resource]);
      } catch (error) {
        for (const resource of RESOURCES) reservation[resource].reserved += returned[resource];
        reservation.idleTicks = -RETRY_TICKS;
        throw error;
      }
    });
    this.#dropIfEmpty(accountId);
  }

  #settleInBackground(accountId: number): void {
    this.#settle(accountId).catch(this.#onSettleError);
  }

  /**
   * One database operation per account at a time: a second would be refused space that the first leaves
   * over or is about to return.
   */
  async #runExclusive<T>(
    accountId: number,
    operate: (reservation: Reservation) => Promise<T>,
  ): Promise<T> {
    let reservation = this.#reservationOf(accountId);
    while (reservation.working !== undefined) {
      await reservation.working;
      reservation = this.#reservationOf(accountId);
    }
    const own = reservation;
    const stop = () => {
      own.working = undefined;
    };
    const operation = operate(own);
    own.working = operation.then(stop, stop);
    return await operation;
  }

  /** Look it up again after each wait, because an empty reservation may be dropped. */
  #reservationOf(accountId: number): Reservation {
    const found = this.#reservations.get(accountId);
    if (found !== undefined) return found;
    const reservation = new Reservation();
    this.#reservations.set(accountId, reservation);
    this.#ticker ??= setInterval(() => this.#tick(), TICK_MS).unref();
    return reservation;
  }

  #dropIfEmpty(accountId: number): void {
    const reservation = this.#reservations.get(accountId);
    if (reservation === undefined || !reservation.isEmpty || reservation.working !== undefined)
      return;
    this.#reservations.delete(accountId);
    if (this.#reservations.size > 0) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }

  #tick(): void {
    for (const [accountId, reservation] of this.#reservations) {
      reservation.idleTicks += 1;
      if (reservation.idleTicks < IDLE_TICKS || reservation.working !== undefined) continue;
      if (reservation.isEmpty) this.#dropIfEmpty(accountId);
      else this.#settleInBackground(accountId);
    }
  }
}

function difference(one: Usage, other: Usage): Usage {
  return { bytes: one.bytes - other.bytes, entries: one.entries - other.entries };
}

function isSame(one: Usage, other: Usage): boolean {
  return one.bytes === other.bytes && one.entries === other.entries;
}
