/** An account of another server. */
export interface ImportedAccount {
  /** Where it stands in the file, from 1. */
  readonly line: number;
  readonly username: string;
  readonly passwordHash: string;
  /** Undefined for the default of this server. */
  readonly quotaBytes: number | undefined;
  /** Undefined for the default of this server. */
  readonly maxFiles: number | undefined;
  readonly enabled: boolean;
}

/** A file that cannot be read as what it is said to be. */
export class ImportFileError extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
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
  throw new ImportFileError(line, `${JSON.stringify(text)} is not a number.`);
}
