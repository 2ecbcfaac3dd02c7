import { setTimeout as delay } from 'node:timers/promises';
import type {
  AccessEvent,
  AuditEvent,
  AuditRepository,
  LateDigest,
  RetentionEvent,
  TransferEvent,
} from '../../db/audit-repository.ts';
import type { Logs } from '../logging/logging.ts';
import type { EventCounts } from './event-counts.ts';

/** An event before it has its number. */
export type NewAuditEvent =
  | Omit<TransferEvent, 'id'>
  | Omit<AccessEvent, 'id'>
  | Omit<RetentionEvent, 'id'>;

/** Time that an event waits for others, to be written with them. */
const BATCH_MS = 100;
const BATCH_EVENTS = 200;

/** After the database has refused a batch. */
const RETRY_MS = 1000;

/** Number of events that are kept while the database takes none. */
const MAX_WAITING = 10_000;

const NUMBERS_AT_ONCE = 10_000;
/** Number of free ids at which the next ones are reserved. */
const NUMBERS_LEFT = 2000;

const EXPIRY_STEP_EVENTS = 500;
const EXPIRY_PAUSE_MS = 50;
const EXPIRY_EVERY_MS = 60_000;

interface AuditTrailDeps {
  readonly events: Pick<AuditRepository, 'reserveNumbers' | 'save' | 'removeBefore'>;
  readonly log: Pick<Logs['server'], 'warn'>;
  readonly now: () => number;
  readonly counts: EventCounts;
  /** Retention of events; 0 records nothing. */
  readonly keepMs: number;
}

/**
 * Records the events of the server in batches, shortly after they happen, so that no client waits for it. While the
 * database fails, events are kept for a time, then counted and dropped.
 */
export class AuditTrail {
  readonly #deps: AuditTrailDeps;
  readonly #events: AuditEvent[] = [];
  readonly #digests: LateDigest[] = [];
  #dropped = 0;
  #isFailing = false;
  #numbers = { next: 0, end: 0 };
  #reserving: Promise<void> | undefined;
  #writing: Promise<void> | undefined;
  #batchTimer: NodeJS.Timeout | undefined;
  #expiryTimer: NodeJS.Timeout | undefined;
  #isClosed = false;

  private constructor(deps: AuditTrailDeps) {
    this.#deps = deps;
  }

  static async open(deps: AuditTrailDeps): Promise<AuditTrail> {
    const trail = new AuditTrail(deps);
    if (deps.keepMs > 0) {
      await trail.#reserve();
      trail.#expireIn(EXPIRY_PAUSE_MS);
    }
    return trail;
  }

  /**
   * Records an event.
   *
   * @returns its number; undefined if it is not recorded.
   */
  record(event: NewAuditEvent): number | undefined {
    this.#deps.counts.count(event);
    if (this.#deps.keepMs === 0) return undefined;
    const id = this.#takeNumber();
    if (id === undefined || this.#events.length >= MAX_WAITING) {
      this.#dropped += 1;
      return undefined;
    }
    this.#events.push({ ...event, id });
    if (this.#events.length >= BATCH_EVENTS && !this.#isFailing) void this.#write();
    else this.#writeIn(this.#isFailing ? RETRY_MS : BATCH_MS);
    return id;
  }

  /** Adds the digest of a file that was still being computed when its transfer ended. */
  addDigest(id: number, sha256: string): void {
    if (this.#digests.length >= MAX_WAITING) return;
    this.#digests.push({ id, sha256 });
    this.#writeIn(BATCH_MS);
  }

  /** Writes the remaining events. Later events are not recorded. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#expiryTimer);
    clearTimeout(this.#batchTimer);
    await this.#reserving;
    do await this.#write();
    while (this.#events.length + this.#digests.length > 0 && !this.#isFailing);
    this.#dropped += this.#events.splice(0).length;
    this.#reportDropped();
  }

  #takeNumber(): number | undefined {
    const { next, end } = this.#numbers;
    if (end - next <= NUMBERS_LEFT) {
      this.#reserving ??= this.#reserve().finally(() => {
        this.#reserving = undefined;
      });
    }
    if (next >= end) return undefined;
    this.#numbers.next += 1;
    return next;
  }

  /** The rest of the earlier numbers is dropped: they may have gaps. */
  async #reserve(): Promise<void> {
    try {
      const first = await this.#deps.events.reserveNumbers(NUMBERS_AT_ONCE);
      this.#numbers = { next: first, end: first + NUMBERS_AT_ONCE };
    } catch (err) {
      this.#failed(err);
      await delay(RETRY_MS, undefined, { ref: false });
    }
  }

  #writeIn(ms: number): void {
    if (this.#isClosed) return;
    this.#batchTimer ??= setTimeout(() => void this.#write(), ms).unref();
  }

  #write(): Promise<void> {
    clearTimeout(this.#batchTimer);
    this.#batchTimer = undefined;
    this.#writing ??= this.#writeBatch().finally(() => {
      this.#writing = undefined;
      if (this.#events.length + this.#digests.length > 0) {
        this.#writeIn(this.#isFailing ? RETRY_MS : BATCH_MS);
      }
    });
    return this.#writing;
  }

  async #writeBatch(): Promise<void> {
    const events = this.#events.slice(0, BATCH_EVENTS);
    // A digest may belong to an event of a later batch.
    const digests =
      events.length === this.#events.length ? this.#digests.slice(0, BATCH_EVENTS) : [];
    if (events.length + digests.length === 0) return;
    try {
      await this.#deps.events.save(events, digests);
      this.#events.splice(0, events.length);
      this.#digests.splice(0, digests.length);
      this.#isFailing = false;
      this.#reportDropped();
    } catch (err) {
      this.#failed(err);
    }
  }

  #failed(err: unknown): void {
    if (!this.#isFailing)
      this.#deps.log.warn({ err }, 'audit events could not be written; trying again');
    this.#isFailing = true;
  }

  #reportDropped(): void {
    if (this.#dropped === 0) return;
    this.#deps.log.warn({ count: this.#dropped }, 'audit events were lost');
    this.#dropped = 0;
  }

  #expireIn(ms: number): void {
    if (this.#isClosed) return;
    this.#expiryTimer = setTimeout(() => void this.#expire(), ms).unref();
  }

  async #expire(): Promise<void> {
    const { events, keepMs, now } = this.#deps;
    let isMore = false;
    try {
      isMore = await events.removeBefore(now() - keepMs, EXPIRY_STEP_EVENTS);
    } catch (err) {
      this.#failed(err);
    }
    this.#expireIn(isMore ? EXPIRY_PAUSE_MS : EXPIRY_EVERY_MS);
  }
}
