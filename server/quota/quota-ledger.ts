import { setImmediate as otherWork } from 'node:timers/promises';
import { DatabaseBusyError } from '../../db/database-error.ts';
import type { Quota, QuotaRepository, Usage } from '../../db/quota-repository.ts';
import { QuotaExceededError, TooManyFilesError } from '../errors/errors.ts';
import { Allowance } from './allowance.ts';
import { entriesText } from './entries-text.ts';

/** Taken from an account at a time: a long upload costs two statements per 8 MiB. */
const SLAB_BYTES = 8 * 1024 * 1024;

/** Entries reserved at a time: a statement serves 1,024 small files. */
const SLAB_ENTRIES = 1024;

/** Largest reservation that a crashed process leaves, except just after a large file was deleted. */
export const MAX_RESERVED: Usage = { bytes: 3 * SLAB_BYTES, entries: 3 * SLAB_ENTRIES };

/** With less room than this, an account is charged exactly: a reservation could keep the rest from other uploads. */
const AMPLE_ROOM_BYTES = 2 * SLAB_BYTES;

/** More slack than this goes back at once, as when large files are deleted. */
const MAX_SLACK: Usage = { bytes: 2 * SLAB_BYTES, entries: 2 * SLAB_ENTRIES };

const TICK_MS = 200;
/** Slack goes back when nothing has happened for at least one whole tick. */
const IDLE_TICKS = 2;
/** Ticks until a database that failed is tried again: 5 s. */
const RETRY_TICKS = 25;

/** Time that an upload waits while another process has locked the database. */
const LOCK_PATIENCE_MS = 30_000;

const NO_QUOTA: Quota = { limitBytes: 0, usedBytes: 0, limitEntries: 0, usedEntries: 0 };

interface Dependencies {
  readonly quotas: Pick<QuotaRepository, 'find' | 'take' | 'release' | 'replaceUsed'>;
  /** See `Database.dataVersion`; a change shows that an administrator may have changed a limit. */
  readonly dataVersion: () => number;
  /** Reports a database failure in the background. The ledger tries again by itself. */
  readonly onSettleError: (error: unknown) => void;
  /** Reports an account that got back more than it was charged for: files were added from outside. */
  readonly onUncharged?: (accountId: number) => void;
}

const RESOURCES = ['bytes', 'entries'] as const;

/** Reservations of one account. */
interface Purse {
  readonly bytes: Allowance;
  readonly entries: Allowance;
  /** Settles when the account's running database operation ends; an account has one at a time. Never rejects. */
  working: Promise<void> | undefined;
  idleTicks: number;
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
 * cannot overshoot together, and what the database calls used is never less than what is on the disk. What is taken and
 * not yet spent, the slack, belongs to the account, not to an upload, so none is refused while there is room. It
 * goes back when the account is idle, so that a small file costs no statement at all. One statement takes or returns
 * both, bytes and entries.
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
   * Accounts for bytes that are about to be written, and for entries that are about to be made. Returns at once,
   * without a promise, when the slack is enough.
   *
   * @throws QuotaExceededError (always as a rejection) if the account has no room for all of the bytes;
   *   nothing is then spent.
   * @throws TooManyFilesError (the same) if it has none for all of the entries.
   */
  spend(accountId: number, bytes: number, entries = 0): Promise<void> | undefined {
    if (bytes === 0 && entries === 0) return undefined;
    const purse = this.#purses.get(accountId);
    if (purse !== undefined && this.#spendUnseen(purse, bytes, entries)) return undefined;
    return this.#spendSeen(accountId, { bytes, entries });
  }

  /** Gives back what is no longer on the disk, or was spent and not written or made. */
  refund(accountId: number, bytes: number, entries = 0): void {
    if (bytes === 0 && entries === 0) return;
    const purse = this.#purseOf(accountId);
    purse.bytes.refund(bytes);
    purse.entries.refund(entries);
    purse.idleTicks = 0;
    const isMuch = purse.bytes.slack > MAX_SLACK.bytes || purse.entries.slack > MAX_SLACK.entries;
    if (isMuch && purse.working === undefined) this.#settleInBackground(accountId);
  }

  /** Usage and limits of the account, exact to the byte and the entry. */
  async usage(accountId: number): Promise<Quota> {
    return await this.#alone(accountId, async (purse) => {
      const { limitBytes, usedBytes, limitEntries, usedEntries } = await this.#look(
        accountId,
        purse,
      );
      // After the account was reported as full, a reservation from before the limit changed must not be spent.
      if (usedBytes > limitBytes) purse.bytes.checkedVersion = undefined;
      if (usedEntries > limitEntries) purse.entries.checkedVersion = undefined;
      return {
        limitBytes,
        usedBytes: Math.max(usedBytes - purse.bytes.slack, 0),
        limitEntries,
        usedEntries: Math.max(usedEntries - purse.entries.slack, 0),
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
    return await this.#alone(accountId, async (purse) => {
      // Uploads that have just been given space note that first.
      await otherWork();
      for (;;) {
        const { usedBytes, usedEntries } = await this.#look(accountId, purse);
        const from = { bytes: usedBytes, entries: usedEntries };
        // Between here and the end of the statement below, only the slack changes.
        const slack = { bytes: purse.bytes.slack, entries: purse.entries.slack };
        const before = difference(from, slack);
        const after = measure(before);
        if (after === undefined) return undefined;
        const to = { bytes: after.bytes + slack.bytes, entries: after.entries + slack.entries };
        if (!isSame(from, to) && !(await this.#quotas.replaceUsed({ accountId, from, to }))) {
          if ((await this.#quotas.find(accountId)) === undefined) return undefined;
          continue;
        }
        purse.bytes.corrected(to.bytes);
        purse.entries.corrected(to.entries);
        return { before, after };
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

  #spendUnseen(purse: Purse, bytes: number, entries: number): boolean {
    const version = this.#dataVersion();
    if (!purse.bytes.covers(bytes, version) || !purse.entries.covers(entries, version))
      return false;
    purse.bytes.slack -= bytes;
    purse.entries.slack -= entries;
    purse.idleTicks = 0;
    return true;
  }

  async #spendSeen(accountId: number, wanted: Usage): Promise<void> {
    const deadlineMs = performance.now() + LOCK_PATIENCE_MS;
    while (!this.#spendUnseen(this.#purseOf(accountId), wanted.bytes, wanted.entries)) {
      try {
        const take = (purse: Purse) => this.#take(accountId, purse, wanted);
        if (await this.#alone(accountId, take)) return;
      } catch (error) {
        if (!(error instanceof DatabaseBusyError) || performance.now() > deadlineMs) throw error;
      }
    }
  }

  /** Spends with the limits in view, and takes what is missing. False: others were faster, look again. */
  async #take(accountId: number, purse: Purse, wanted: Usage): Promise<boolean> {
    const version = this.#dataVersion();
    const quota = await this.#look(accountId, purse);
    const room = {
      bytes: quota.limitBytes - quota.usedBytes,
      entries: quota.limitEntries - quota.usedEntries,
    };
    for (const resource of RESOURCES) purse[resource].checked(room[resource], version);
    purse.idleTicks = 0;
    requireRoom(wanted, quota, purse);
    const missing = {
      bytes: Math.max(wanted.bytes - purse.bytes.slack, 0),
      entries: Math.max(wanted.entries - purse.entries.slack, 0),
    };
    if (missing.bytes > 0 || missing.entries > 0) {
      const taken = amountToTake(missing, room, purse);
      if (!(await this.#quotas.take(accountId, taken))) return false;
      purse.bytes.took(taken.bytes, quota.usedBytes);
      purse.entries.took(taken.entries, quota.usedEntries);
    }
    // Others may have spent of the slack during the statement.
    if (RESOURCES.some((resource) => purse[resource].slack < wanted[resource])) return false;
    for (const resource of RESOURCES) purse[resource].slack -= wanted[resource];
    return true;
  }

  /** Usage in the database, see {@link Allowance.look}. */
  async #look(accountId: number, purse: Purse): Promise<Quota> {
    const quota = (await this.#quotas.find(accountId)) ?? NO_QUOTA;
    const hadMoreBytes = purse.bytes.look(quota.usedBytes);
    const hadMoreEntries = purse.entries.look(quota.usedEntries);
    if (hadMoreBytes || hadMoreEntries) this.#onUncharged(accountId);
    return quota;
  }

  async #settle(accountId: number): Promise<void> {
    await this.#alone(accountId, async (purse) => {
      if (isEmpty(purse)) return;
      if (RESOURCES.some((resource) => purse[resource].slack > purse[resource].booked)) {
        await this.#look(accountId, purse);
      }
      const returned = { bytes: purse.bytes.drain(), entries: purse.entries.drain() };
      try {
        await this.#quotas.release(accountId, returned);
        for (const resource of RESOURCES) {
          purse[resource].booked = Math.max(purse[resource].booked - returned[resource], 0);
        }
      } catch (error) {
        for (const resource of RESOURCES) purse[resource].slack += returned[resource];
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

  /** Look it up again after each wait, because an empty reservation may be dropped. */
  #purseOf(accountId: number): Purse {
    const found = this.#purses.get(accountId);
    if (found !== undefined) return found;
    const purse: Purse = {
      bytes: new Allowance(),
      entries: new Allowance(),
      working: undefined,
      idleTicks: 0,
    };
    this.#purses.set(accountId, purse);
    this.#ticker ??= setInterval(() => this.#tick(), TICK_MS).unref();
    return purse;
  }

  #dropIfEmpty(accountId: number): void {
    const purse = this.#purses.get(accountId);
    if (purse === undefined || !isEmpty(purse) || purse.working !== undefined) return;
    this.#purses.delete(accountId);
    if (this.#purses.size > 0) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }

  #tick(): void {
    for (const [accountId, purse] of this.#purses) {
      purse.idleTicks += 1;
      if (purse.idleTicks < IDLE_TICKS || purse.working !== undefined) continue;
      if (isEmpty(purse)) this.#dropIfEmpty(accountId);
      else this.#settleInBackground(accountId);
    }
  }
}

function isEmpty({ bytes, entries }: Purse): boolean {
  return bytes.slack === 0 && entries.slack === 0;
}

/**
 * Amount of one statement: the missing amount and, if there is room, the same in advance. An upload reserves its entry
 * first, so the bytes of a small file come with it.
 */
function amountToTake(missing: Usage, room: Usage, { bytes }: Purse): Usage {
  const isBytesTaken = missing.bytes > 0 || bytes.slack === 0;
  const isAmple = isBytesTaken && room.bytes >= AMPLE_ROOM_BYTES;
  // At most half of the room, which takes logarithmically many statements up to the limit.
  const inAdvance = Math.min(SLAB_ENTRIES, Math.floor(room.entries / 2));
  return {
    bytes: isAmple ? Math.max(missing.bytes, SLAB_BYTES) : missing.bytes,
    entries: missing.entries === 0 ? 0 : Math.max(missing.entries, inAdvance),
  };
}

/**
 * @throws TooManyFilesError
 * @throws QuotaExceededError
 */
function requireRoom(wanted: Usage, quota: Quota, { bytes, entries }: Purse): void {
  const { limitBytes, limitEntries } = quota;
  const usedBytes = quota.usedBytes - bytes.slack;
  const usedEntries = quota.usedEntries - entries.slack;
  if (wanted.entries > 0 && usedEntries + wanted.entries > limitEntries) {
    throw tooManyFiles({ limitEntries, usedEntries });
  }
  if (wanted.bytes > 0 && usedBytes + wanted.bytes > limitBytes) {
    const leftBytes = Math.max(limitBytes - usedBytes, 0);
    throw new QuotaExceededError(`Quota exceeded: ${leftBytes} of ${limitBytes} bytes are left.`);
  }
}

/** The refusal of an entry to an account that has as many as it may have, or more. */
export function tooManyFiles({
  limitEntries,
  usedEntries,
}: Pick<Quota, 'limitEntries' | 'usedEntries'>): TooManyFilesError {
  return new TooManyFilesError(
    `Quota exceeded: ${entriesText({ usedEntries, limitEntries })} are used; delete some first.`,
  );
}

function difference(one: Usage, other: Usage): Usage {
  return { bytes: one.bytes - other.bytes, entries: one.entries - other.entries };
}

function isSame(one: Usage, other: Usage): boolean {
  return one.bytes === other.bytes && one.entries === other.entries;
}
