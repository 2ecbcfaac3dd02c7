import type { Logger } from 'pino';
import { BoundedMap } from '../collections/bounded-map.ts';

/** Number of unexpected connections that make an address noisy; a client that changes its mind can cause one or two. */
const NOISY_FROM = 3;

/** An address stays noisy for this time after its last unexpected connection. Longer than a storm, which hides them. */
const NOISY_MS = 15_000;

/** Unexpected connections within a second, of all addresses, that begin a storm. */
const STORM_FROM = 100;
const STORM_WINDOW_MS = 1000;
const STORM_MS = 10_000;

const LOG_EVERY_MS = 10_000;
const MAX_ADDRESSES = 10_000;

interface Noise {
  count: number;
  lastMs: number;
  loggedMs: number;
  unlogged: number;
}

/** Counts connections to passive ports at which no client of their address is expected: a port scan, or a theft attempt. */
export class UnexpectedConnections {
  readonly #log: Logger;
  readonly #now: () => number;
  /** By address; of too many, the one that has been quiet longest is forgotten. */
  readonly #addresses = new BoundedMap<string, Noise>(MAX_ADDRESSES);
  #window = { startMs: Number.NEGATIVE_INFINITY, count: 0 };
  #stormEndMs = Number.NEGATIVE_INFINITY;

  constructor({ log, now }: { readonly log: Logger; readonly now: () => number }) {
    this.#log = log;
    this.#now = now;
  }

  /** Whether unexpected connections are frequent enough that no port should be open without need. */
  get isStorm(): boolean {
    return this.#stormEndMs !== Number.NEGATIVE_INFINITY && this.#now() < this.#stormEndMs;
  }

  /** Whether the address has recently made several unexpected connections. */
  isNoisy(peer: string): boolean {
    if (this.#addresses.size === 0) return false;
    const noise = this.#addresses.get(peer);
    if (noise === undefined) return false;
    if (this.#now() - noise.lastMs < NOISY_MS) return noise.count >= NOISY_FROM;
    this.#addresses.delete(peer);
    return false;
  }

  count(peer: string, port: number): void {
    const nowMs = this.#now();
    this.#countAll(nowMs);
    const known = this.#addresses.get(peer);
    const isRecent = known !== undefined && nowMs - known.lastMs < NOISY_MS;
    const noise = isRecent ? known : { count: 0, lastMs: nowMs, loggedMs: nowMs, unlogged: 0 };
    noise.count += 1;
    noise.lastMs = nowMs;
    this.#addresses.set(peer, noise);
    this.#warn(noise, { peer, port, nowMs });
  }

  #countAll(nowMs: number): void {
    if (nowMs - this.#window.startMs >= STORM_WINDOW_MS)
      this.#window = { startMs: nowMs, count: 0 };
    this.#window.count += 1;
    if (this.#window.count < STORM_FROM) return;
    if (!this.isStorm)
      this.#log.warn('many unexpected data connections; closing idle passive ports');
    this.#stormEndMs = nowMs + STORM_MS;
  }

  /** The first ones each get a line, later ones a line together: a flood must not flood the log. */
  #warn(noise: Noise, { peer, port, nowMs }: { peer: string; port: number; nowMs: number }): void {
    noise.unlogged += 1;
    if (noise.count > NOISY_FROM && nowMs - noise.loggedMs < LOG_EVERY_MS) return;
    this.#log.warn({ peer, port, count: noise.unlogged }, 'dropped unexpected data connection');
    noise.unlogged = 0;
    noise.loggedMs = nowMs;
  }
}
