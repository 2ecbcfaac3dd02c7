import type { RateBucket } from './rate-bucket.ts';

/** Octets go in portions of this time, so that they flow evenly and sessions that share a rate alternate. */
const PORTION_MS = 10;

/**
 * Where a session is slower than the rate that it shares, its portions may take this time at its own rate: they wait
 * among larger ones for their turn, and would get less than their share if they were as short.
 */
const OWN_PORTION_MS = 200;

const MIN_PORTION_BYTES = 256;
const MAX_PORTION_BYTES = 512 * 1024;

/** A wait that is shorter than what timers can do is made up for by the next one. */
const MIN_WAIT_MS = 1;

interface PacerOptions {
  /** Rates that all apply: those of the session, the account and the server. */
  readonly buckets: readonly RateBucket[];
  /** Milliseconds of a monotonic clock. */
  readonly nowMs?: () => number;
}

/** Keeps the transfers of one session, in one direction, within their rates. */
export class Pacer {
  readonly #buckets: readonly RateBucket[];
  readonly #nowMs: () => number;

  constructor({ buckets, nowMs = () => performance.now() }: PacerOptions) {
    this.#buckets = buckets;
    this.#nowMs = nowMs;
  }

  /** Octets that may be moved at a time; infinite while nothing limits them. */
  get portionBytes(): number {
    let lowest = Number.POSITIVE_INFINITY;
    let highest = 0;
    for (const bucket of this.#buckets) {
      const { bytesPerS } = bucket;
      if (bytesPerS === 0) continue;
      lowest = Math.min(lowest, bytesPerS);
      highest = Math.max(highest, bytesPerS);
    }
    if (highest === 0) return Number.POSITIVE_INFINITY;
    const bytes = Math.min(highest * PORTION_MS, lowest * OWN_PORTION_MS) / 1000;
    return Math.min(Math.max(Math.floor(bytes), MIN_PORTION_BYTES), MAX_PORTION_BYTES);
  }

  /** Counts octets. @returns the time to wait before they are sent, or before more are read; 0 for none. */
  waitMs(bytes: number): number {
    const nowMs = this.#nowMs();
    let untilMs = nowMs;
    for (const bucket of this.#buckets) untilMs = Math.max(untilMs, bucket.reserve(bytes, nowMs));
    const waitMs = untilMs - nowMs;
    return waitMs < MIN_WAIT_MS ? 0 : waitMs;
  }
}

/** The pacers of a session. */
export interface Pacing {
  readonly up: Pacer;
  readonly down: Pacer;
}
