import { createHmac, randomBytes } from 'node:crypto';
import { BoundedMap } from '../collections/bounded-map.ts';

const MAX_REMEMBERED = 4096;

/** Time after a login in which the same password from the same origin is no guess. */
const KNOWN_MS = 24 * 60 * 60 * 1000;

/** Whether a check needs no guard against guessing, with its result if that is known. */
export type Familiarity = 'remembered' | 'known' | 'unknown';

interface Options {
  readonly now: () => number;
  /** Time for which a check that has succeeded need not be made again; may change. */
  readonly keepMs: () => number;
}

/**
 * Checks of passwords that have succeeded. Holds neither passwords nor plain hashes of them but HMACs under a key that
 * lives in memory only.
 */
export class RememberedPasswords {
  readonly #key = randomBytes(32);
  /** Checks that succeeded a short while ago: they need not be made again. */
  readonly #remembered: ExpiringSet;
  /** Successful checks with their origins, kept for longer: they are made again but are no guesses. */
  readonly #known: ExpiringSet;

  constructor({ now, keepMs }: Options) {
    this.#remembered = new ExpiringSet({ now, keepMs });
    this.#known = new ExpiringSet({ now, keepMs: () => KNOWN_MS });
  }

  /** Lengths first, so that no two different checks read the same. */
  digestOf(parts: readonly string[]): string {
    const hmac = createHmac('sha256', this.#key);
    for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:`).update(part);
    return hmac.digest('base64');
  }

  /** @param origin see `originOf`. */
  familiarity(digest: string, origin: string): Familiarity {
    if (this.#remembered.has(digest)) return 'remembered';
    return this.#known.has(`${origin} ${digest}`) ? 'known' : 'unknown';
  }

  has(digest: string): boolean {
    return this.#remembered.has(digest);
  }

  /** The check no longer succeeds: what is said again and again is a guess. */
  forget(digest: string, origin: string): void {
    this.#remembered.delete(digest);
    this.#known.delete(`${origin} ${digest}`);
  }

  add(digest: string, origin: string): void {
    this.#remembered.add(digest);
    this.#known.add(`${origin} ${digest}`);
  }
}

/** Texts that are forgotten after a while; of too many, the oldest. */
class ExpiringSet {
  readonly #options: Options;
  readonly #addedAtMs = new BoundedMap<string, number>(MAX_REMEMBERED);

  constructor(options: Options) {
    this.#options = options;
  }

  has(text: string): boolean {
    const addedAtMs = this.#addedAtMs.get(text);
    if (addedAtMs === undefined) return false;
    const { now, keepMs } = this.#options;
    if (now() < addedAtMs + keepMs()) return true;
    this.#addedAtMs.delete(text);
    return false;
  }

  delete(text: string): void {
    this.#addedAtMs.delete(text);
  }

  add(text: string): void {
    if (!this.has(text)) this.#addedAtMs.set(text, this.#options.now());
  }
}
