import { originOf } from '../accounts/login-throttle.ts';

interface Limits {
  readonly maxSessions: number;
  /** 0: no limit. */
  readonly maxSessionsPerIp: number;
  /** 0: no limit. */
  readonly maxSessionsPerUser: number;
}

/** Counts sessions and limits them: in all, from one address or IPv6 /64, and of one account. */
export class SessionLimits {
  readonly #limits: Limits;
  readonly #byAddress = new Map<string, number>();
  readonly #byAccount = new Map<number, number>();
  #sessions = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Counts a new session, or says why there cannot be one. */
  admit(address: string): 'admitted' | 'server full' | 'address full' {
    const { maxSessions, maxSessionsPerIp } = this.#limits;
    const key = originOf(address);
    if (this.#sessions >= maxSessions) return 'server full';
    if (isFull(this.#byAddress.get(key), maxSessionsPerIp)) return 'address full';
    this.#sessions += 1;
    count(this.#byAddress, key, 1);
    return 'admitted';
  }

  /** Number of sessions from an address or its IPv6 /64. */
  countOf(address: string): number {
    return this.#byAddress.get(originOf(address)) ?? 0;
  }

  /** A session that was admitted has ended. */
  release(address: string): void {
    this.#sessions -= 1;
    count(this.#byAddress, originOf(address), -1);
  }

  /** Counts a login, unless the account has as many as it may. */
  enter(accountId: number): 'entered' | 'account full' {
    if (isFull(this.#byAccount.get(accountId), this.#limits.maxSessionsPerUser)) {
      return 'account full';
    }
    count(this.#byAccount, accountId, 1);
    return 'entered';
  }

  leave(accountId: number): void {
    count(this.#byAccount, accountId, -1);
  }
}

function isFull(sessions = 0, limit: number): boolean {
  return limit > 0 && sessions >= limit;
}

function count<Key>(counts: Map<Key, number>, key: Key, change: 1 | -1): void {
  const sessions = (counts.get(key) ?? 0) + change;
  if (sessions <= 0) counts.delete(key);
  else counts.set(key, sessions);
}
