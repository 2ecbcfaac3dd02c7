import { BoundedMap } from '../collections/bounded-map.ts';
import { SignUpRefusedError } from '../errors/errors.ts';
import { originOf } from './login-throttle.ts';

const HOUR_MS = 3_600_000;
const MAX_ORIGINS = 10_000;

/** Sign-ups that an origin has left, as of a moment. */
interface Allowance {
  readonly left: number;
  readonly atMs: number;
}

interface SignUpRateOptions {
  /** 0 sets no limit. May change. */
  readonly perHour: number;
  readonly now: () => number;
}

/**
 * Limits the accounts that one origin (an IPv4 address, or the /64 of an IPv6 address) can create. An allowance of
 * `perHour` sign-ups fills up again over an hour.
 */
export class SignUpRate {
  readonly #options: SignUpRateOptions;
  readonly #allowances = new BoundedMap<string, Allowance>(MAX_ORIGINS);

  constructor(options: SignUpRateOptions) {
    this.#options = options;
  }

  /** @throws SignUpRefusedError if the origin of `address` has no sign-up left. */
  check(address: string): void {
    if (this.#options.perHour === 0 || this.#leftOf(originOf(address)) >= 1) return;
    throw new SignUpRefusedError('Too many sign-ups from your address; try again later.');
  }

  /** Counts an account that was created. */
  record(address: string): void {
    if (this.#options.perHour === 0) return;
    const origin = originOf(address);
    const left = this.#leftOf(origin) - 1;
    this.#allowances.set(origin, { left, atMs: this.#options.now() });
  }

  #leftOf(origin: string): number {
    const allowance = this.#allowances.get(origin);
    if (allowance === undefined) return this.#options.perHour;
    // A clock that was set back must not take sign-ups away.
    const sinceMs = Math.max(this.#options.now() - allowance.atMs, 0);
    return Math.min(
      allowance.left + (sinceMs / HOUR_MS) * this.#options.perHour,
      this.#options.perHour,
    );
  }
}
