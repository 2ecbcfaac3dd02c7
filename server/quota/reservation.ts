import type { Quota, Usage } from '../../db/quota-repository.ts';
import { QuotaExceededError, TooManyFilesError } from '../errors/errors.ts';
import { Allowance } from './allowance.ts';
import { entriesText } from './entries-text.ts';

/** Taken from an account at a time: a long upload costs two statements per 8 MiB. */
const RESERVATION_BYTES = 8 * 1024 * 1024;

/** Entries reserved at a time: a statement serves 1,024 small files. */
const RESERVATION_ENTRIES = 1024;

/** Largest reservation that a crashed process leaves, except just after a large file was deleted. */
export const MAX_RESERVED: Usage = {
  bytes: 3 * RESERVATION_BYTES,
  entries: 3 * RESERVATION_ENTRIES,
};

/** With less room than this, an account is charged exactly: a reservation could keep the rest from other uploads. */
const AMPLE_ROOM_BYTES = 2 * RESERVATION_BYTES;

/** More than this goes back at once, as when large files are deleted. */
const MAX_KEPT: Usage = { bytes: 2 * RESERVATION_BYTES, entries: 2 * RESERVATION_ENTRIES };

export const RESOURCES = ['bytes', 'entries'] as const;

/** Bytes and entries that are reserved for one account and not spent. */
export class Reservation {
  readonly bytes = new Allowance();
  readonly entries = new Allowance();
  /** Settles when the account's running database operation ends; an account has one at a time. Never rejects. */
  working: Promise<void> | undefined;
  idleTicks = 0;
  /** The database knows that files of the account may change: a crash from here on has them measured. */
  isRecorded = false;
  /** Changes of files that run, see `QuotaLedger.change`. */
  changes = 0;

  get isEmpty(): boolean {
    return this.bytes.reserved === 0 && this.entries.reserved === 0;
  }

  get isInUse(): boolean {
    return !this.isEmpty || this.isRecorded || this.changes > 0 || this.working !== undefined;
  }

  /** What is reserved. */
  get amount(): Usage {
    return { bytes: this.bytes.reserved, entries: this.entries.reserved };
  }

  /** More is reserved than an account keeps, as when large files were deleted. */
  get isTooLarge(): boolean {
    return this.bytes.reserved > MAX_KEPT.bytes || this.entries.reserved > MAX_KEPT.entries;
  }

  /**
   * Spends what is reserved, without reading the database, whose version is given.
   *
   * @returns false if the database must be read first, or if too little is reserved; nothing is then spent.
   */
  spend(bytes: number, entries: number, version: number): boolean {
    if (!this.isRecorded) return false;
    if (!this.bytes.covers(bytes, version) || !this.entries.covers(entries, version)) return false;
    this.bytes.reserved -= bytes;
    this.entries.reserved -= entries;
    this.idleTicks = 0;
    return true;
  }

  refund(bytes: number, entries: number): void {
    this.bytes.refund(bytes);
    this.entries.refund(entries);
    this.idleTicks = 0;
  }

  /**
   * Amount to take with one statement: what is missing and, if there is room, the same in advance. An upload reserves its
   * entry first, so the bytes of a small file come with it.
   *
   * @returns undefined if nothing is missing.
   */
  amountToTake(wanted: Usage, room: Usage): Usage | undefined {
    const missingBytes = Math.max(wanted.bytes - this.bytes.reserved, 0);
    const missingEntries = Math.max(wanted.entries - this.entries.reserved, 0);
    if (missingBytes === 0 && missingEntries === 0) return undefined;
    const isBytesTaken = missingBytes > 0 || this.bytes.reserved === 0;
    const isAmple = isBytesTaken && room.bytes >= AMPLE_ROOM_BYTES;
    // At most half of the room, which takes logarithmically many statements up to the limit.
    const inAdvance = Math.min(RESERVATION_ENTRIES, Math.floor(room.entries / 2));
    return {
      bytes: isAmple ? Math.max(missingBytes, RESERVATION_BYTES) : missingBytes,
      entries: missingEntries === 0 ? 0 : Math.max(missingEntries, inAdvance),
    };
  }

  /**
   * @throws TooManyFilesError
   * @throws QuotaExceededError
   */
  requireRoom(wanted: Usage, quota: Quota): void {
    const { limitBytes, limitEntries } = quota;
    const usedBytes = quota.usedBytes - this.bytes.reserved;
    const usedEntries = quota.usedEntries - this.entries.reserved;
    if (wanted.entries > 0 && usedEntries + wanted.entries > limitEntries) {
      throw tooManyFiles({ limitEntries, usedEntries });
    }
    if (wanted.bytes > 0 && usedBytes + wanted.bytes > limitBytes) {
      const leftBytes = Math.max(limitBytes - usedBytes, 0);
      throw new QuotaExceededError(`Quota exceeded: ${leftBytes} of ${limitBytes} bytes are left.`);
    }
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
