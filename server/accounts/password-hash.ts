import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { FairQueue } from '../scheduling/fair-queue.ts';
import { isCryptHash, verifyCrypt } from '../system/libcrypt.ts';
import { isPbkdf2Hash, isWrappedDigest, unwrapDigest, verifyPbkdf2 } from './imported-hash.ts';
import { type Familiarity, RememberedPasswords } from './remembered-passwords.ts';

/**
 * OWASP's minimum for Argon2id: 19 MiB, two passes, one lane; some 30 ms. More would buy little against
 * passwords of eight characters and up, and costs each first login of each client.
 */
const COST = { memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 };

/** Argon2 runs on the four threads that also serve the disk; half of them are left to transfers. */
const MAX_RUNNING = 2;
const MAX_WAITING = 200;

const REMEMBERED_MS = 5 * 60 * 1000;

/** The slow part, replaceable where a test counts calls. Argon2's algorithm defaults to Argon2id. */
export interface Argon2 {
  hash(password: string): Promise<string>;
  verify(storedHash: string, password: string): Promise<boolean>;
}

/** A password to be checked. */
export interface PasswordCheck {
  /** Whose password it is said to be. */
  readonly username: string;
  /** `undefined` for an account that cannot log in: the check does the same work and fails. */
  readonly storedHash: string | undefined;
  readonly password: string;
  /** Origin of the client, see `originOf`. Waiting checks are served by origin in turn. */
  readonly origin: string;
}

/** Makes hashes of Argon2id; checks all forms that an account may have been imported with. */
export const ARGON2: Argon2 = {
  hash: (password) => hash(password, COST),
  verify(storedHash, password) {
    if (isCryptHash(storedHash)) return verifyCrypt(storedHash, password);
    if (isPbkdf2Hash(storedHash)) return verifyPbkdf2(storedHash, password);
    if (!isWrappedDigest(storedHash)) return verify(storedHash, password);
    const wrapped = unwrapDigest(storedHash, password);
    return verify(wrapped.hash, wrapped.text);
  },
};

const PREFIX = `$argon2id$v=19$m=${COST.memoryCost},t=${COST.timeCost},p=${COST.parallelism}$`;

/** Whether a hash was imported from another server, or made at another cost: the next login replaces it. */
export function isForeignHash(storedHash: string): boolean {
  return !storedHash.startsWith(PREFIX);
}

/**
 * Hashes passwords with Argon2id and checks them.
 *
 * Clients that open several connections send the same password for each of them. So a successful check is remembered
 * for five minutes, and equal checks at the same time run once. What is remembered covers the stored hash, so a changed
 * password is forgotten at once.
 */
export class PasswordHash {
  readonly #argon2: Argon2;
  readonly #queue = new FairQueue({ maxRunning: MAX_RUNNING, maxWaiting: MAX_WAITING });
  readonly #nobodysHash = unmatchableHash();
  readonly #remembered: RememberedPasswords;
  readonly #running = new Map<string, Promise<boolean>>();

  constructor({ now, argon2 = ARGON2 }: { readonly now: () => number; readonly argon2?: Argon2 }) {
    this.#remembered = new RememberedPasswords({ now, keepMs: () => REMEMBERED_MS });
    this.#argon2 = argon2;
  }

  /**
   * The form in which a password is stored: PHC string format, salt included.
   *
   * @throws LoginRefusedError if too many others wait.
   */
  hash(password: string, origin = ''): Promise<string> {
    return this.#queue.run(origin, () => this.#argon2.hash(password));
  }

  /** The result of an earlier check; only successful ones are cached. */
  familiarity(check: PasswordCheck): Familiarity {
    return this.#remembered.familiarity(this.#digestOf(check), check.origin);
  }

  /**
   * Whether the password belongs to the stored hash.
   *
   * @throws LoginRefusedError if too many checks wait.
   */
  async verify(check: PasswordCheck): Promise<boolean> {
    const digest = this.#digestOf(check);
    const matches = this.#remembered.has(digest) || (await this.#verifyOnce(digest, check));
    if (!matches) return false;
    this.#remembered.add(digest, check.origin);
    return true;
  }

  async #verifyOnce(
    digest: string,
    { storedHash = this.#nobodysHash, password, origin }: PasswordCheck,
  ): Promise<boolean> {
    const running = this.#running.get(digest);
    if (running !== undefined) return await running;
    const check = this.#queue.run(origin, () => this.#argon2.verify(storedHash, password));
    this.#running.set(digest, check);
    try {
      return await check;
    } finally {
      this.#running.delete(digest);
    }
  }

  #digestOf({ username, storedHash = this.#nobodysHash, password }: PasswordCheck): string {
    return this.#remembered.digestOf([username.toLowerCase(), storedHash, password]);
  }
}

/** Looks like the hash of a password and costs as much to check, but no password is known for it. */
export function unmatchableHash(): string {
  const [salt, digest] = [16, 32].map((size) =>
    randomBytes(size).toString('base64').replace(/=+$/, ''),
  );
  return `${PREFIX}${salt}$${digest}`;
}
