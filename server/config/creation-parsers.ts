import { WrongFormError } from '../errors/wrong-form.ts';

const OWNER_RIGHTS = 0o700;
const OWNER_READS_AND_WRITES = 0o600;

/** The largest that chown(2) takes; it reads the one above as -1. */
const MAX_ID = 2 ** 32 - 2;

const SYSTEM_NAME = /^(?:\d{1,10}|[a-z_][a-z0-9_.@-]{0,63}\$?)$/i;

/** @throws WrongFormError */
export function parseUmask(text: string): number {
  const umask = octal(text, /^[0-7]{1,4}$/);
  if (umask === undefined || umask > 0o777) {
    throw wrong(text, 'a umask', 'octal digits from 000 to 077, such as 027');
  }
  if ((umask & OWNER_RIGHTS) === 0) return umask;
  throw new WrongFormError(
    `${quoted(text)} takes rights from the owner of the files, which the server needs. Write octal digits from 000 to 077, such as 027.`,
  );
}

/** @throws WrongFormError */
export function parseFileMode(text: string): number {
  const mode = octal(text, /^0?[0-7]{3}$/);
  if (mode === undefined)
    throw wrong(text, 'the mode of a file', 'three octal digits, such as 640');
  if ((mode & OWNER_READS_AND_WRITES) === OWNER_READS_AND_WRITES) return mode;
  throw new WrongFormError(
    `${quoted(text)} does not let the owner read and write, as the server has to. Write 600 or more, such as 640.`,
  );
}

/** A first digit of four sets the setgid bit (2) or the sticky bit (1). @throws WrongFormError */
export function parseDirectoryMode(text: string): number {
  const mode = octal(text, /^[0-3]?[0-7]{3}$/);
  if (mode === undefined) {
    throw wrong(text, 'the mode of a directory', 'octal digits, such as 750 or 2775');
  }
  if ((mode & OWNER_RIGHTS) === OWNER_RIGHTS) return mode;
  throw new WrongFormError(
    `${quoted(text)} takes rights from the owner of the directory, which the server needs. Write 700 or more, such as 750.`,
  );
}

/** Writes what the parsers read. */
export function formatMode(mode: number): string {
  return mode.toString(8).padStart(3, '0');
}

/** Checks the form only: `findOwner` looks names up. @throws WrongFormError */
export function parseOwner(text: string): string {
  const owner = text.trim();
  const parts = owner.split(':');
  if (parts.length <= 2 && parts.every(isNameOrId)) return owner;
  throw wrong(text, 'a user', 'UID, UID:GID or names, such as 1000:1000 or www-data:www-data');
}

function octal(text: string, form: RegExp): number | undefined {
  return form.test(text.trim()) ? Number.parseInt(text, 8) : undefined;
}

function isNameOrId(text: string): boolean {
  return SYSTEM_NAME.test(text) && !(Number(text) > MAX_ID);
}

function wrong(text: string, what: string, right: string): WrongFormError {
  return new WrongFormError(`${quoted(text)} is not ${what}. Write ${right}.`);
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
