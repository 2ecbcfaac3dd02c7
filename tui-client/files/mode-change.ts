import type { Entry } from './place.ts';

/** What a change of permissions makes of an entry; undefined if it needs the entry's mode and that is not known. */
export type ModeChange = (entry: Pick<Entry, 'kind' | 'mode'>) => number | undefined;

const CLAUSE = /^([ugoa]*)([-+=])([rwxXst]*)$/;
const SHIFTS: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 };
const BITS: Readonly<Record<string, number>> = { r: 4, w: 2, x: 1 };
const SPECIAL_BITS: Readonly<Record<string, number>> = { u: 0o4000, g: 0o2000, o: 0 };
const STICKY_BIT = 0o1000;

/**
 * Reads a change of permissions as chmod does: `644`, `0755`, `u+x`, `go-w`, `a=rX`, several with commas.
 *
 * @returns undefined if the text is none.
 */
export function parseModeChange(text: string): ModeChange | undefined {
  if (/^[0-7]{3,4}$/.test(text)) {
    const mode = Number.parseInt(text, 8);
    return () => mode;
  }
  const clauses = text.split(',').map(parseClause);
  if (!clauses.every((clause) => clause !== undefined)) return undefined;
  return ({ kind, mode }) =>
    mode === undefined ? undefined : clauses.reduce((changed, apply) => apply(changed, kind), mode);
}

type Clause = (mode: number, kind: Entry['kind']) => number;

function parseClause(text: string): Clause | undefined {
  const [, written = '', operator, letters = ''] = CLAUSE.exec(text) ?? [];
  if (operator === undefined) return undefined;
  const who = [...(written === '' || written.includes('a') ? 'ugo' : written)];
  return (mode, kind) => {
    const isExecutable = kind === 'directory' || (mode & 0o111) !== 0;
    const bits = who.reduce((all, one) => all | bitsFor(one, letters, isExecutable), 0);
    const added = letters.includes('t') ? bits | STICKY_BIT : bits;
    if (operator === '+') return mode | added;
    if (operator === '-') return mode & ~added;
    const cleared = who.reduce((all, one) => all | (7 << (SHIFTS[one] ?? 0)), 0);
    return (mode & ~cleared) | added;
  };
}

function bitsFor(who: string, letters: string, isExecutable: boolean): number {
  const plain = [...letters.replace('X', isExecutable ? 'x' : '')];
  const bits = plain.reduce((all, letter) => all | (BITS[letter] ?? 0), 0);
  const special = letters.includes('s') ? (SPECIAL_BITS[who] ?? 0) : 0;
  return (bits << (SHIFTS[who] ?? 0)) | special;
}

/** As `rw-r--r--`; set-user-ID, set-group-ID and sticky as ls shows them. */
export function modeLetters(mode: number): string {
  const letters = [8, 7, 6, 5, 4, 3, 2, 1, 0].map((bit) =>
    mode & (1 << bit) ? 'xwr'.charAt(bit % 3) : '-',
  );
  for (const [bit, at, sign] of [
    [0o4000, 2, 's'],
    [0o2000, 5, 's'],
    [STICKY_BIT, 8, 't'],
  ] as const) {
    if (mode & bit) letters[at] = letters[at] === 'x' ? sign : sign.toUpperCase();
  }
  return letters.join('');
}

/** As `0644`. */
export function octalMode(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}
