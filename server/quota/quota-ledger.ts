import { setImmediate as otherWork } from 'node:timers/promises';
import { DatabaseBusyError } from '../../db/database-error.ts';
import type { Quota, QuotaRepository } from '../../db/quota-repository.ts';
import { QuotaExceededError } from '../errors.ts';

/** Taken from an account at a time: a long upload costs two statements per 8 MiB. */
const SLAB_BYTES = 8 * 1024 * 1024;

/** What a process that dies has reserved at most, except in the moment after a large file was deleted. */
export const MAX_RESERVED_BYTES = 3 * SLAB_BYTES;

/** With less room than this an account is charged exactly: a slab could keep others from the rest. */
const AMPLE_ROOM_BYTES = 2 * SLAB_BYTES;

/** More slack than this goes back at once, as when large files are deleted. */
const MAX_SLACK_BYTES = 2 * SLAB_BYTES;

const TICK_MS = 200;
/** Slack goes back when nothing has happened for at least one whole tick. */
const IDLE_TICKS = 2;
/** Ticks until a database that failed is tried again: 5 s. */
const RETRY_TICKS = 25;

/** Time that an upload stands still while another process has the database locked. */
const LOCK_PATIENCE_MS = 30_000;

const NO_QUOTA: Quota = { limitBytes: 0, usedBytes: 0 };

interface Dependencies {
  readonly quotas: Pick<QuotaRepository, 'find' | 'take' | 'release' | 'replaceUsed'>;
  /** See `Database.dataVersion`: tells that an administrator may have changed a limit. */
  readonly dataVersion: () => number;
  /** Told of a database that failed in the background. The ledger tries again by itself. */
  readonly onSettleError: (error: unknown) => void;
  /** Told of an account that got back more than it was charged for: somebody else has added files. */
  readonly onUncharged?: (accountId: number) => void;
}

/** What has been taken for one account and not been spent. */
interface Purse {
  slackBytes: number;
  /** Used bytes in the database as this process saw them last, 0 before. */
  bookedBytes: number;
  /**
   * The version of the database in which the slack was seen to lie within the limit; `undefined` if it
   * has not been, or was not. Without this nothing is spent unseen.
   */
  checkedVersion: number | undefined;
  /** Of the one database operation that an account has at a time. Never rejects. */
  working: Promise<void> | undefined;
  idleTicks: number;
}

/** What a recount has changed: the bytes that an account was charged for before and after. */
export interface Correction {
  readonly beforeBytes: number;
  readonly afterBytes: number;
}

/**
 * Keeps accounts within their quotas while uploads run. The process has one.
 *
 * Space is taken before the bytes reach the disk, so parallel uploads cannot overshoot together, and
 * what the database calls used is never less than what is on the disk. What is taken and not yet
 * spent, the slack, belongs to the account, not to an upload, so none is refused while there is room. It
 * goes back when the account is idle, so that a small file costs no statement at all.
 */
export class QuotaLedger {
  readonly #quotas: Dependencies['quotas'];
  readonly #dataVersion: () => number;
  readonly #onSettleError: (error: unknown) => void;
  readonly #onUncharged: (accountId: number) => void;
  readonly #purses = new Map<number, Purse>();
  #ticker: NodeJS.Timeout | undefined;

  constructor({ quotas, dataVersion, onSettleError, onUncharged }: Dependencies) {
    this.#quotas = quotas;
    this.#onUncharged = onUncharged ?? (() => {});
    this.#dataVersion = dataVersion;
    this.#onSettleError = onSettleError;
  }

  /**
   * Accounts for bytes that are about to be written. Returns at once, without a promise, when the slack
   * is enough.
   *
   * @throws QuotaExceededError (always as a rejection) if the account has no room for all of them;
   *   none is then spent.
   */
  spend(accountId: number, bytes: number): Promise<void> | undefined {
    if (bytes === 0) return undefined;
    const purse = this.#purses.get(accountId);
    if (purse !== undefined && this.#spendUnseen(purse, bytes)) return undefined;
    return this.#spendSeen(accountId, bytes);
  }

  /** Gives back bytes that are no longer on the disk, or were spent and not written. */
  refund(accountId: number, bytes: number): void {
    if (bytes === 0) return;
    const purse = this.#purseOf(accountId);
    purse.slackBytes += bytes;
    // More than the account was charged for: see #look.
    if (purse.slackBytes > purse.bookedBytes) purse.checkedVersion = undefined;
    purse.idleTicks = 0;
    if (purse.slackBytes > MAX_SLACK_BYTES && purse.working === undefined) {
      this.#settleInBackground(accountId);
    }
  }

  /** What the account may use and uses, to the byte. */
  async usage(accountId: number): Promise<Quota> {
    return await this.#alone(accountId, async (purse) => {
      const { limitBytes, usedBytes } = await this.#look(accountId, purse);
      // Who was told that nothing is left must not be able to spend what was taken under an older limit.
      if (usedBytes > limitBytes) purse.checkedVersion = undefined;
      return { limitBytes, usedBytes: Math.max(usedBytes - purse.slackBytes, 0) };
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
    measure: (chargedBytes: number) => number | undefined,
  ): Promise<Correction | undefined> {
    return await this.#alone(accountId, async (purse) => {
      // Uploads that have just been given space note that first.
      await otherWork();
      for (;;) {
        const { usedBytes } = await this.#look(accountId, purse);
        // Between here and the end of the statement below, only the slack changes.
        const beforeBytes = usedBytes - purse.slackBytes;
        const afterBytes = measure(beforeBytes);
        if (afterBytes === undefined) return undefined;
        const toBytes = usedBytes + afterBytes - beforeBytes;
        const change = { accountId, fromBytes: usedBytes, toBytes };
        if (afterBytes !== beforeBytes && !(await this.#quotas.replaceUsed(change))) {
          if ((await this.#quotas.find(accountId)) === undefined) return undefined;
          continue;
        }
        purse.bookedBytes = toBytes;
        // The slack may lie beyond the limit now.
        purse.checkedVersion = undefined;
        return { beforeBytes, afterBytes };
      }
    });
  }

  /** Returns all slack. Rejects if the database fails; what it did not accept can be tried again. */
  async settleAll(): Promise<void> {
    const settling = [...this.#purses.keys()].map((accountId) => this.#settle(accountId));
    const results = await Promise.allSettled(settling);
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  #spendUnseen(purse: Purse, bytes: number): boolean {
    if (purse.slackBytes < bytes || purse.checkedVersion !== this.#dataVersion()) return false;
    purse.slackBytes -= bytes;
    purse.idleTicks = 0;
    return true;
  }

  async #spendSeen(accountId: number, bytes: number): Promise<void> {
    const deadlineMs = performance.now() + LOCK_PATIENCE_MS;
    while (!this.#spendUnseen(this.#purseOf(accountId), bytes)) {
      try {
        const take = (purse: Purse) => this.#take(accountId, purse, bytes);
        if (await this.#alone(accountId, take)) return;
      } catch (error) {
        if (!(error instanceof DatabaseBusyError) || performance.now() > deadlineMs) throw error;
      }
    }
  }

  /** Spends with the limit in view, and takes what is missing. False: others were faster, look again. */
  async #take(accountId: number, purse: Purse, bytes: number): Promise<boolean> {
    const version = this.#dataVersion();
    const { limitBytes, usedBytes } = await this.#look(accountId, purse);
    const roomBytes = limitBytes - usedBytes;
    purse.checkedVersion = roomBytes < 0 ? undefined : version;
    purse.idleTicks = 0;
    const missingBytes = bytes - purse.slackBytes;
    if (missingBytes > roomBytes) {
      throw new QuotaExceededError(
        `Quota exceeded: ${Math.max(roomBytes + purse.slackBytes, 0)} of ${limitBytes} bytes are left.`,
      );
    }
    if (missingBytes > 0) {
      const takenBytes =
        roomBytes >= AMPLE_ROOM_BYTES ? Math.max(missingBytes, SLAB_BYTES) : missingBytes;
      if (!(await this.#quotas.take(accountId, takenBytes))) return false;
      purse.slackBytes += takenBytes;
      purse.bookedBytes = usedBytes + takenBytes;
      if (purse.slackBytes < bytes) return false;
    }
    purse.slackBytes -= bytes;
    return true;
  }

  /**
   * What the database says. An account cannot get back more than it is charged for: files that came from outside were
   * never charged, and to delete them gives no room.
   */
  async #look(accountId: number, purse: Purse): Promise<Quota> {
    const quota = (await this.#quotas.find(accountId)) ?? NO_QUOTA;
    purse.bookedBytes = quota.usedBytes;
    if (purse.slackBytes > quota.usedBytes) {
      purse.slackBytes = quota.usedBytes;
      this.#onUncharged(accountId);
    }
    return quota;
  }

  async #settle(accountId: number): Promise<void> {
    await this.#alone(accountId, async (purse) => {
      if (purse.slackBytes === 0) return;
      if (purse.slackBytes > purse.bookedBytes) await this.#look(accountId, purse);
      const returnedBytes = purse.slackBytes;
      purse.slackBytes = 0;
      try {
        await this.#quotas.release(accountId, returnedBytes);
        purse.bookedBytes = Math.max(purse.bookedBytes - returnedBytes, 0);
      } catch (error) {
        purse.slackBytes += returnedBytes;
        purse.idleTicks = -RETRY_TICKS;
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
  async #alone<T>(accountId: number, operate: (purse: Purse) => Promise<T>): Promise<T> {
    let purse = this.#purseOf(accountId);
    while (purse.working !== undefined) {
      await purse.working;
      purse = this.#purseOf(accountId);
    }
    const own = purse;
    const stop = () => {
      own.working = undefined;
    };
    const operation = operate(own);
    own.working = operation.then(stop, stop);
    return await operation;
  }

  /** To be asked for anew after each wait, as an empty purse may be dropped meanwhile. */
  #purseOf(accountId: number): Purse {
    const found = this.#purses.get(accountId);
    if (found !== undefined) return found;
    const purse: Purse = {
      slackBytes: 0,
      bookedBytes: 0,
      checkedVersion: undefined,
      working: undefined,
      idleTicks: 0,
    };
    this.#purses.set(accountId, purse);
    this.#ticker ??= setInterval(() => this.#tick(), TICK_MS).unref();
    return purse;
  }

  #dropIfEmpty(accountId: number): void {
    const purse = this.#purses.get(accountId);
    if (purse?.slackBytes !== 0 || purse.working !== undefined) return;
    this.#purses.delete(accountId);
    if (this.#purses.size > 0) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }

  #tick(): void {
    for (const [accountId, purse] of this.#purses) {
      purse.idleTicks += 1;
      if (purse.idleTicks < IDLE_TICKS || purse.working !== undefined) continue;
      if (purse.slackBytes > 0) this.#settleInBackground(accountId);
      else this.#dropIfEmpty(accountId);
    }
  }
}
