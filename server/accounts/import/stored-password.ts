import { availableParallelism } from 'node:os';
import { isCryptHash, requireCrypt } from '../../system/libcrypt.ts';
import { isPbkdf2Hash, wrapDigest } from '../imported-hash.ts';
import { ARGON2, unmatchableHash } from '../password-hash.ts';
import { checkPassword } from '../signup-rules.ts';
import type { ImportedPassword } from './imported-account.ts';

type Password = ImportedPassword | undefined;

/**
 * Why a password cannot be imported, as a sentence.
 *
 * @throws PasswordNotAllowedError for a plain one that breaks the rules.
 */
export async function passwordProblem(password: Password): Promise<string | undefined> {
  if (password?.kind === 'plain') checkPassword(password.text);
  if (password?.kind !== 'hash') return undefined;
  const { hash } = password;
  if (hash.startsWith('$argon2') || isPbkdf2Hash(hash)) return undefined;
  if (!isCryptHash(hash)) {
    return 'its password is stored in a form that cannot be checked. Argon2, bcrypt, scrypt, yescrypt, SHA-256 and SHA-512 of crypt(5) can.';
  }
  const hasCrypt = await requireCrypt().then(
    () => true,
    () => false,
  );
  return hasCrypt
    ? undefined
    : 'its password needs libcrypt.so.1 to be checked, which this machine does not have.';
}

/** Whether a password takes the time of a login to be stored. */
export function isSlowToStore(password: Password): boolean {
  return password?.kind === 'plain' || password?.kind === 'digest';
}

/**
 * The forms in which the database keeps passwords: as they are, or hashed with Argon2id on all processors.
 *
 * @param onHashed is called for each that {@link isSlowToStore}.
 */
export async function storedPasswords(
  passwords: readonly Password[],
  onHashed: () => void,
): Promise<readonly string[]> {
  const stored: string[] = [];
  const waiting = passwords.entries();
  const work = async () => {
    for (const [index, password] of waiting) {
      stored[index] = await storedPassword(password);
      if (isSlowToStore(password)) onHashed();
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return stored;
}

async function storedPassword(password: Password): Promise<string> {
  if (password === undefined) return unmatchableHash();
  if (password.kind === 'hash') return password.hash;
  if (password.kind === 'plain') return await ARGON2.hash(password.text);
  return await wrapDigest(password, ARGON2.hash);
}
