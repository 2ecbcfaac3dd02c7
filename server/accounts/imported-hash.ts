import { createHash, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(pbkdf2);

/** Some seconds of one core; a file may name any number. */
const MAX_ITERATIONS = 10_000_000;

const KEY_BYTES = 32;

/** PHC string format: iterations, salt and key, both in base64 without padding. */
const PBKDF2 = /^\$pbkdf2-sha256\$i=(\d{1,8})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]{43})$/;

/** The digest's method and salt, and the Argon2 hash of the digest in hexadecimal. */
const WRAPPED = /^\$(md5|sha512)\+argon2\$([A-Za-z0-9+/]*)(\$argon2.+)$/;

/** A digest of a password followed by its salt, which is computed in no time. */
export interface PlainDigest {
  readonly method: 'md5' | 'sha512';
  readonly salt: Buffer;
  readonly digest: Buffer;
}

/** A hash of PBKDF2 with HMAC-SHA-256. */
export interface Pbkdf2Key {
  readonly iterations: number;
  readonly salt: Buffer;
  readonly key: Buffer;
}

/** The form in which the database keeps it. @returns undefined for one that cannot be checked here. */
export function pbkdf2Hash({ iterations, salt, key }: Pbkdf2Key): string | undefined {
  const hash = `$pbkdf2-sha256$i=${iterations}$${base64(salt)}$${base64(key)}`;
  return isPbkdf2Hash(hash) ? hash : undefined;
}

/** Whether {@link verifyPbkdf2} can check a hash. */
export function isPbkdf2Hash(hash: string): boolean {
  const [, iterations = '0'] = PBKDF2.exec(hash) ?? [];
  return Number(iterations) >= 1 && Number(iterations) <= MAX_ITERATIONS;
}

/** Checks a password on a thread of Node. */
export async function verifyPbkdf2(hash: string, password: string): Promise<boolean> {
  const [, iterations = '', salt = '', key = ''] = PBKDF2.exec(hash) ?? [];
  const saltBytes = Buffer.from(salt, 'base64');
  const computed = await derive(password, saltBytes, Number(iterations), KEY_BYTES, 'sha256');
  return timingSafeEqual(computed, Buffer.from(key, 'base64'));
}

/**
 * Protects a digest, which can be guessed quickly, by a slow hash of it.
 *
 * @param slowHash Argon2.
 */
export async function wrapDigest(
  { method, salt, digest }: PlainDigest,
  slowHash: (text: string) => Promise<string>,
): Promise<string> {
  return `$${method}+argon2$${base64(salt)}${await slowHash(digest.toString('hex'))}`;
}

/** Whether a hash was made by {@link wrapDigest}. */
export function isWrappedDigest(hash: string): boolean {
  return WRAPPED.test(hash);
}

/** The Argon2 hash in a wrapped digest, and what it is the hash of if the password is right. */
export function unwrapDigest(hash: string, password: string): { hash: string; text: string } {
  const [, method = '', salt = '', slowHash = ''] = WRAPPED.exec(hash) ?? [];
  const digest = createHash(method).update(password).update(Buffer.from(salt, 'base64'));
  return { hash: slowHash, text: digest.digest('hex') };
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
