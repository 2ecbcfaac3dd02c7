import { PasswordNotAllowedError, UsernameNotAllowedError } from '../errors/errors.ts';

const MIN_PASSWORD_CHARACTERS = 8;
const MAX_PASSWORD_BYTES = 1024;

const USERNAME = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{2,31}$/;

/** Names of anonymous FTP (RFC 1635). */
const RESERVED = new Set(['anonymous', 'ftp']);

/** Whether an account can have the name. */
export function isPossibleUsername(username: string): boolean {
  return USERNAME.test(username) && !RESERVED.has(username.toLowerCase());
}

/** @throws UsernameNotAllowedError if no account can have the name. */
export function checkUsername(username: string): void {
  if (RESERVED.has(username.toLowerCase())) {
    throw new UsernameNotAllowedError('This username is reserved.');
  }
  if (!isPossibleUsername(username)) {
    throw new UsernameNotAllowedError(
      'A username has 3 to 32 of a-z A-Z 0-9 . _ - and does not start with a dot or dash.',
    );
  }
}

/** @throws PasswordNotAllowedError if the password is too short, too long, or cannot be sent by PASS. */
export function checkPassword(password: string): void {
  if ([...password].length < MIN_PASSWORD_CHARACTERS) {
    throw new PasswordNotAllowedError(
      `A password has at least ${MIN_PASSWORD_CHARACTERS} characters.`,
    );
  }
  if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) {
    throw new PasswordNotAllowedError(`A password has at most ${MAX_PASSWORD_BYTES} bytes.`);
  }
  if (/[\r\n\0]/.test(password)) {
    throw new PasswordNotAllowedError('A password cannot contain line ends or NUL.');
  }
}
