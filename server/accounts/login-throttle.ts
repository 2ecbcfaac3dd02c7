import { isIPv6 } from 'node:net';
import { BoundedMap } from '../collections/bounded-map.ts';
import { plainAddress } from '../network/addresses.ts';
import { parseNetwork } from '../network/network-range.ts';

/** A login attempt. */
export interface LoginAttempt {
  /** The address of the control connection's peer. */
  readonly address: string;
  readonly username: string;
}

interface Policy {
  /** Failures that cost nothing: everybody mistypes. */
  readonly freeFailures: number;
}

/** Limits for one username from one address. */
const PAIR: Policy = { freeFailures: 2 };

/** Limits for all usernames from one address. Many people may share an address, so these are more patient. */
const ADDRESS: Policy = { freeFailures: 10 };

const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 8000;
/** Failures that lead to the longest delay; more are not counted, so that it passes in bounded time. */
const MAX_PAID_FAILURES = Math.log2(MAX_DELAY_MS / FIRST_DELAY_MS) + 1;

/** One failure is forgiven after this time. */
const FORGIVEN_AFTER_MS = 60_000;

const MAX_ENTRIES = 10_000;

interface Failures {
  /** Value at `atMs`. */
  count: number;
  atMs: number;
}

/**
 * Makes guessing passwords slow: after some failures each further attempt has to wait, twice as long each
 * time up to 8 s, until the failures are forgiven one by one. Accounts are never locked: that would let
 * anybody keep others out.
 */
export class LoginThrottle {
  readonly #now: () => number;
  readonly #failures = new BoundedMap<string, Failures>(MAX_ENTRIES);

  constructor({ now }: { readonly now: () => number }) {
    this.#now = now;
  }

  /** Delay before the password of the attempt is checked. */
  delayMs(attempt: LoginAttempt): number {
    return Math.max(
      this.#delayOf(pairKey(attempt), PAIR),
      this.#delayOf(addressKey(attempt), ADDRESS),
    );
  }

  recordFailure(attempt: LoginAttempt): void {
    this.#count(pairKey(attempt), PAIR);
    this.#count(addressKey(attempt), ADDRESS);
  }

  /** Undoes one {@link recordFailure}: the attempt was right, or could not be checked. */
  takeBack(attempt: LoginAttempt): void {
    this.#uncount(pairKey(attempt));
    this.#uncount(addressKey(attempt));
  }

  /**
   * Forgives what failed for this username from this address. What failed for others stays, or an account
   * of one's own would be a licence to guess.
   */
  recordSuccess(attempt: LoginAttempt): void {
    this.#failures.delete(pairKey(attempt));
  }

  #delayOf(key: string, { freeFailures }: Policy): number {
    const paidFailures = Math.ceil(this.#countOf(key)) - freeFailures;
    if (paidFailures <= 0) return 0;
    return Math.min(FIRST_DELAY_MS * 2 ** (paidFailures - 1), MAX_DELAY_MS);
  }

  #countOf(key: string): number {
    const failures = this.#failures.get(key);
    if (failures === undefined) return 0;
    // A clock that was set back must not make the failures more.
    const sinceMs = Math.max(this.#now() - failures.atMs, 0);
    return Math.max(failures.count - sinceMs / FORGIVEN_AFTER_MS, 0);
  }

  #uncount(key: string): void {
    const failures = this.#failures.get(key);
    if (failures === undefined) return;
    failures.count -= 1;
    if (failures.count <= 0) this.#failures.delete(key);
  }

  #count(key: string, { freeFailures }: Policy): void {
    const count = Math.min(this.#countOf(key) + 1, freeFailures + MAX_PAID_FAILURES);
    this.#failures.set(key, { count, atMs: this.#now() });
  }
}

/** No account has a longer name, so long names cannot fill the memory. */
const MAX_USERNAME_CHARACTERS = 64;

function pairKey({ address, username }: LoginAttempt): string {
  const name = username.slice(0, MAX_USERNAME_CHARACTERS).toLowerCase();
  return `${originOf(address)} ${name}`;
}

function addressKey({ address }: LoginAttempt): string {
  return originOf(address);
}

/**
 * An IPv4 address, or the /64 of an IPv6 address as `parseNetwork` writes it: a client with one address of a /64 has all
 * of them.
 */
export function originOf(address: string): string {
  const plain = plainAddress(address);
  return isIPv6(plain) ? parseNetwork(`${plain}/64`) : plain;
}
