import type { Dir } from 'node:fs';
import { type ByteName, byteName, nameText } from './byte-name.ts';
import type { ListingRequest } from './listing-request.ts';
import { type NameMatcher, nameMatcher } from './name-pattern.ts';

/** The names to list, sorted by their bytes. */
export interface ListedNames {
  readonly names: readonly ByteName[];
  /** Those that are symbolic links on disk. */
  readonly links: ReadonlySet<ByteName>;
  /** More names follow these. */
  readonly hasMore: boolean;
}

/** Which names of a directory are wanted. */
interface NameRange {
  /** Only those that sort after this one. */
  readonly after: ByteName | undefined;
  /** So many of these at most. */
  readonly limit: number;
}

/** Names read in one slice: about two milliseconds. */
const SLICE_NAMES = 4096;

/** Reads the names of a directory that a listing shows, in slices. Closes the directory. */
export function* readNames(
  directory: Dir,
  request: ListingRequest,
  { after, limit }: NameRange,
): Generator<undefined, ListedNames> {
  const fits = nameFilter(request);
  const isShown = (name: ByteName) => (after === undefined || name > after) && fits(name);
  const extraNames = (request.extraEntries ?? []).map((entry) => byteName(entry.name));
  const skipped = new Set([...(request.skipNames ?? []).map(byteName), ...extraNames]);
  const isRead = (name: ByteName) => isShown(name) && !(skipped.size > 0 && skipped.has(name));
  const listed = { names: extraNames.filter(isShown), links: new Set<ByteName>() };
  try {
    while (readSlice(directory, isRead, listed)) yield undefined;
  } finally {
    directory.closeSync();
  }
  listed.names.sort();
  const hasMore = listed.names.length > limit;
  // A copy: the whole array would stay in memory.
  return { ...listed, names: hasMore ? listed.names.slice(0, limit) : listed.names, hasMore };
}

/** @returns false after the last name. */
function readSlice(
  directory: Dir,
  isRead: (name: ByteName) => boolean,
  { names, links }: { readonly names: ByteName[]; readonly links: Set<ByteName> },
): boolean {
  for (let count = 0; count < SLICE_NAMES; count += 1) {
    const entry = directory.readSync();
    if (entry === null) return false;
    if (!isRead(entry.name)) continue;
    names.push(entry.name);
    if (entry.isSymbolicLink()) links.add(entry.name);
  }
  return true;
}

function nameFilter(request: ListingRequest): (name: ByteName) => boolean {
  const showsHidden = request.showHidden || request.format === 'MLSD';
  const matches: NameMatcher | undefined =
    request.glob === undefined ? undefined : nameMatcher(request.glob);
  return (name) =>
    (showsHidden || !name.startsWith('.')) && (matches === undefined || matches(nameText(name)));
}
