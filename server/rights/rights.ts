import { WrongFormError } from '../errors/wrong-form.ts';

/**
 * What an account can be allowed to do in a directory. `write` makes files, `overwrite` replaces the content of
 * existing ones, `read` includes their size, time and digests.
 */
export const RIGHTS = [
  'list',
  'read',
  'write',
  'overwrite',
  'append',
  'delete',
  'rename',
  'mkdir',
  'rmdir',
  'chmod',
  'mfmt',
] as const;

export type Right = (typeof RIGHTS)[number];

/** A set of rights: a bit for each, in the order of {@link RIGHTS}. */
export type Rights = number;

/** Sets that have a name. */
const READY_MADE: Readonly<Record<string, readonly Right[]>> = {
  full: RIGHTS,
  'read-only': ['list', 'read'],
  'upload-only': ['write'],
  'no-overwrite': ['list', 'read', 'write', 'mkdir'],
  none: [],
};

export const FULL_RIGHTS = rightsOf(RIGHTS);

function rightsOf(names: readonly Right[]): Rights {
  return names.reduce((bits, name) => bits | bitOf(name), 0);
}

export function hasRight(rights: Rights, right: Right): boolean {
  return (rights & bitOf(right)) !== 0;
}

/**
 * Whether a client may know which names exist in a directory with these rights. In all others no reply depends on what
 * is there.
 */
export function showsNames(rights: Rights): boolean {
  return hasRight(rights, 'list') || hasRight(rights, 'read');
}

/** Reads `upload-only`, or `list,read,write`. @throws WrongFormError */
export function parseRights(text: string): Rights {
  const names = READY_MADE[text] ?? text.split(',').map(rightNamed);
  return rightsOf(names);
}

/** The rights in a list, as {@link parseRights} reads it. */
export function formatRights(rights: Rights): string {
  const names = RIGHTS.filter((name) => hasRight(rights, name));
  return names.length === 0 ? 'none' : names.join(',');
}

function rightNamed(text: string): Right {
  const name = RIGHTS.find((right) => right === text.trim());
  if (name !== undefined) return name;
  const sets = Object.keys(READY_MADE).join(', ');
  throw new WrongFormError(
    `Rights ${JSON.stringify(text)}: expected ${sets}, or a list of ${RIGHTS.join(',')}.`,
  );
}

function bitOf(right: Right): number {
  return 1 << RIGHTS.indexOf(right);
}
