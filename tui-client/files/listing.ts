import { Failure, type FailureKind } from '../errors/failure.ts';
import type { Entry, Place } from './place.ts';

/** Lines that are kept, to look for a name in them. */
const MAX_LINES_KEPT = 1000;

const MAX_SHOWN_CHARACTERS = 80;

/** Entries that a directory may have and that its listing did not show. */
export interface ListingGaps {
  /** Lines that are neither an entry nor one of the usual headings, the first ones. */
  readonly lines: readonly string[];
  /** All such lines. */
  readonly lineCount: number;
  /** How the server said, or showed, that it has left something out. */
  readonly cut?: string | undefined;
  /** The words with which the server confirmed a listing of which nothing came. */
  readonly silence?: string | undefined;
}

/**
 * A listing that does not show everything. It is thrown after the last entry, so that a reader who does not
 * look for it cannot take a part for the whole.
 */
export class IncompleteListing extends Failure {
  readonly gaps: ListingGaps;

  constructor(path: string, gaps: ListingGaps) {
    super('incomplete', `${path}: ${describeGaps(gaps)}`);
    this.gaps = gaps;
  }

  /** Whether it is probably empty: the server has confirmed it and sent nothing, not even the end of the data. */
  get isSilent(): boolean {
    const { lineCount, cut, silence } = this.gaps;
    return silence !== undefined && lineCount === 0 && cut === undefined;
  }

  /** Whether an entry of this name may be among what is missing. */
  mayHide(name: string): boolean {
    const { lines, lineCount, cut, silence } = this.gaps;
    if (cut !== undefined || silence !== undefined || lines.length < lineCount) return true;
    const wanted = name.toLowerCase();
    return lines.some((line) => line.toLowerCase().includes(wanted));
  }
}

/** Gathers what makes a listing incomplete. */
export class GapFinder {
  readonly #lines: string[] = [];
  #lineCount = 0;
  #cut: string | undefined;
  #silence: string | undefined;

  notUnderstood(line: string): void {
    this.#lineCount += 1;
    if (this.#lines.length < MAX_LINES_KEPT) this.#lines.push(line);
  }

  cut(how: string): void {
    this.#cut ??= how;
  }

  silent(words: string): void {
    this.#silence ??= words;
  }

  /** Undefined if the listing is complete. */
  get gaps(): ListingGaps | undefined {
    const [lineCount, cut, silence] = [this.#lineCount, this.#cut, this.#silence];
    if (lineCount === 0 && cut === undefined && silence === undefined) return undefined;
    return { lines: this.#lines, lineCount, cut, silence };
  }
}

/** A directory that has been read as far as possible. */
export interface Listing {
  readonly entries: readonly Entry[];
  readonly isComplete: boolean;
  /** Why it is incomplete. */
  readonly gap?: Failure;
}

/** Reads a directory. What is missing does not throw here: the caller looks at `isComplete`. */
export async function readListing(
  place: Pick<Place, 'list'>,
  path: string,
  signal?: AbortSignal,
): Promise<Listing> {
  const entries: Entry[] = [];
  try {
    for await (const batch of place.list(path, signal))
      for (const entry of batch) entries.push(entry);
    return { entries, isComplete: true };
  } catch (error) {
    if (!isIncomplete(error)) throw error;
    return { entries, isComplete: false, gap: error };
  }
}

export function isIncomplete(error: unknown): error is IncompleteListing {
  const { name, kind } = (error ?? {}) as Partial<Failure>;
  return name === 'Failure' && kind === 'incomplete';
}

/** Failures that concern one directory; any other ends the comparison. */
const OF_ONE_DIRECTORY: ReadonlySet<FailureKind> = new Set<FailureKind>([
  'denied',
  'missing',
  'exists',
  'incomplete',
  'local',
  'protocol',
]);

/** Whether a failure to read a directory says nothing about the others. */
export function isOfOneDirectory(error: unknown): error is Failure {
  const { name, kind, isTransient } = (error ?? {}) as Partial<Failure>;
  return name === 'Failure' && !isTransient && kind !== undefined && OF_ONE_DIRECTORY.has(kind);
}

function describeGaps({ lines: [first], lineCount, cut, silence }: ListingGaps): string {
  const reasons = [
    ...(silence === undefined ? [] : [`the server sent nothing, and "${silence}"`]),
    ...(cut === undefined ? [] : [`the server has cut the listing (${cut})`]),
    ...(first === undefined ? [] : [notUnderstoodText(first, lineCount)]),
  ];
  return `the listing is incomplete: ${reasons.join('; ')}.`;
}

function notUnderstoodText(first: string, count: number): string {
  const shown =
    first.length > MAX_SHOWN_CHARACTERS ? `${first.slice(0, MAX_SHOWN_CHARACTERS)}…` : first;
  return count === 1
    ? `1 line was not understood ("${shown}")`
    : `${count} lines were not understood, the first is "${shown}"`;
}
