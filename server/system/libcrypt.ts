import { timingSafeEqual } from 'node:crypto';

/** `CRYPT_OUTPUT_SIZE` of libxcrypt, and more than its `struct crypt_data` needs. */
const WORK_BYTES = 64 * 1024;

/** Prefixes of crypt(5) that are still in use: bcrypt, SHA-256, SHA-512, yescrypt, gost-yescrypt and scrypt. */
const SUPPORTED = /^\$(?:2[aby]|5|6|y|gy|7)\$/;

/** Whether {@link verifyCrypt} knows the method of a hash. */
export function isCryptHash(hash: string): boolean {
  return SUPPORTED.test(hash);
}

type CryptAsync = (password: string, hash: string) => Promise<string | null>;

let loaded: Promise<CryptAsync> | undefined;

/**
 * Checks a password by crypt(3) of the C library's companion, on a thread.
 *
 * @throws if the machine has no libcrypt.so.1, or koffi no binary for it.
 */
export async function verifyCrypt(hash: string, password: string): Promise<boolean> {
  // The C library would see an empty password.
  if (password.includes('\0')) return false;
  const crypt = await requireCrypt();
  const computed = await crypt(password, hash);
  if (computed?.length !== hash.length) return false;
  return timingSafeEqual(Buffer.from(computed), Buffer.from(hash));
}

/** @throws if passwords cannot be checked by crypt(3) here. */
export function requireCrypt(): Promise<CryptAsync> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<CryptAsync> {
  const { default: koffi } = await import('koffi');
  const crypt = koffi
    .load('libcrypt.so.1')
    .func('str crypt_rn(const char *, const char *, _Inout_ void *, int)');
  return (password, hash) =>
    new Promise((resolve, reject) => {
      const work = Buffer.alloc(WORK_BYTES);
      crypt.async(password, hash, work, work.length, (error: Error | null, text: string | null) =>
        error === null ? resolve(text) : reject(error),
      );
    });
}
