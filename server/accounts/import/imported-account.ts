import type { AccountRates } from '../accounts.ts';
import type { PlainDigest } from '../imported-hash.ts';

/** An account of another server. What is undefined follows the defaults of this server. */
export interface ImportedAccount {
  /** Where it stands in the file, from 1. */
  readonly line: number;
  readonly username: string;
  /** Undefined if the file has none that can be used. */
  readonly password: ImportedPassword | undefined;
  readonly quotaBytes?: number | undefined;
  readonly maxFiles?: number | undefined;
  readonly enabled: boolean;
  readonly mustChangePassword?: boolean | undefined;
  readonly expiresAtMs?: number | undefined;
  /** Sets of rights by directory. */
  readonly rights?: Readonly<Record<string, string>> | undefined;
  readonly rates?: AccountRates | undefined;
  /** As `parseNetwork` returns them. */
  readonly networks?: readonly string[] | undefined;
  /** Name of its group. */
  readonly group?: string | undefined;
  /** A home outside of the root. */
  readonly homePath?: string | undefined;
  /** What the other server had set and this one will not do, as noun phrases. */
  readonly omitted?: readonly string[];
}

export type ImportedPassword =
  /** In a form that logins can be checked against. */
  | { readonly kind: 'hash'; readonly hash: string }
  | { readonly kind: 'plain'; readonly text: string }
  | ({ readonly kind: 'digest' } & PlainDigest);

/** Why an account, or a line, cannot be imported. */
export interface ImportProblem {
  readonly line: number;
  readonly message: string;
}

/** A file that cannot be read as what it is said to be. */
export class ImportFileError extends Error {
  readonly problems: readonly ImportProblem[];

  constructor(problems: readonly ImportProblem[]) {
    super(problems.map(({ line, message }) => `line ${line}: ${message}`).join('\n'));
    this.problems = problems;
  }

  static at(line: number, message: string): ImportFileError {
    return new ImportFileError([{ line, message }]);
  }
}

/** The lines of a text with their numbers, without empty ones and comments. */
export function* numberedLines(text: string): Generator<readonly [line: number, text: string]> {
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() !== '' && !line.startsWith('#')) yield [index + 1, line];
  }
}

/**
 * @returns undefined for nothing, which is no limit elsewhere.
 * @throws ImportFileError
 */
export function wholeNumberIn(text: string, line: number): number | undefined {
  if (text === '') return undefined;
  const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(number)) return number;
  throw ImportFileError.at(line, `${JSON.stringify(text)} is not a number.`);
}
