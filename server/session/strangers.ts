import { originOf } from '../accounts/login-throttle.ts';
import { type Reply, reply } from '../contract/reply.ts';

/** A session that has not logged in. */
export interface Stranger {
  readonly peerAddress: string;
  end(answer: Reply): void;
}

/**
 * The sessions that have not logged in. They can hold half of `--max-sessions`; then a newcomer takes the place
 * of the oldest stranger of the origin that has most, so that no origin keeps others from logging in.
 */
export class Strangers {
  readonly #limits: { readonly maxSessions: number };
  /** By origin, oldest first. */
  readonly #byOrigin = new Map<string, Set<Stranger>>();
  #count = 0;

  /** @param limits may change. */
  constructor(limits: { readonly maxSessions: number }) {
    this.#limits = limits;
  }

  /** Makes room for one more, if its origin does not have most of them itself. */
  makeRoom(address: string): 'room' | 'full' {
    if (this.#count < Math.ceil(this.#limits.maxSessions / 2)) return 'room';
    let most: ReadonlySet<Stranger> = this.#byOrigin.get(originOf(address)) ?? new Set();
    const own = most;
    for (const strangers of this.#byOrigin.values()) {
      if (strangers.size > most.size) most = strangers;
    }
    const [oldest] = most;
    // If each origin has one place, all keep theirs.
    if (oldest === undefined || most === own || most.size === 1) return 'full';
    this.remove(oldest);
    oldest.end(reply(421, 'Too many connections without login; log in sooner.'));
    return 'room';
  }

  add(stranger: Stranger): void {
    const origin = originOf(stranger.peerAddress);
    const ofOrigin = this.#byOrigin.get(origin) ?? new Set();
    if (ofOrigin.has(stranger)) return;
    ofOrigin.add(stranger);
    this.#byOrigin.set(origin, ofOrigin);
    this.#count += 1;
  }

  /** Number of an origin's sessions that have not logged in. */
  countOf(address: string): number {
    return this.#byOrigin.get(originOf(address))?.size ?? 0;
  }

  /** Ends those of an origin, given as `originOf` returns it. */
  endOf(origin: string, answer: Reply): void {
    for (const stranger of [...(this.#byOrigin.get(origin) ?? [])]) stranger.end(answer);
  }

  /** It has logged in, or has gone. */
  remove(stranger: Stranger): void {
    const origin = originOf(stranger.peerAddress);
    const ofOrigin = this.#byOrigin.get(origin);
    if (ofOrigin?.delete(stranger) !== true) return;
    this.#count -= 1;
    if (ofOrigin.size === 0) this.#byOrigin.delete(origin);
  }
}
