import type { Dir } from 'node:fs';
import { type ByteName, byteName, nameText } from './byte-name.ts';
import type { ListingRequest } from './listing-request.ts';
import { type NameMatcher, nameMatcher } from './name-pattern.ts';

/** The names to list, sorted by their bytes. */
export interface ListedNames {
  readonly names: readonly ByteName[];
  /** Those that are symbolic links on disk. */
  readonly links: ReadonlySet<ByteName>;
}

/** Names read in one slice: about two milliseconds. */
const SLICE_NAMES = 4096;

/** Reads the names of a directory that a listing shows, in slices. Closes the directory. */
export function* readNames(
  directory: Dir,
  request: ListingRequest,
): Generator<undefined, ListedNames> {
  const isShown = nameFilter(request);
  const extraNames = (request.extraEntries ?? []).map((entry) => byteName(entry.name));
  const skipped = new Set([...(request.skipNames ?? []).map(byteName), ...extraNames]);
  const names = extraNames.filter(isShown);
  const links = new Set<ByteName>();
  try {
    for (let count = 1; ; count += 1) {
      const entry = directory.readSync();
      if (entry === null) break;
      if (!skipped.has(entry.name) && isShown(entry.name)) {
        names.push(entry.name);
        if (entry.isSymbolicLink()) links.add(entry.name);
      }
      if (count % SLICE_NAMES === 0) yield undefined;
    }
  } finally {
    directory.closeSync();
  }
  return { names: names.sort(), links };
}

function nameFilter(request: ListingRequest): (name: ByteName) => boolean {
  const showsHidden = request.showHidden || request.format === 'MLSD';
  const matches: NameMatcher | undefined =
    request.glob === undefined ? undefined : nameMatcher(request.glob);
  return (name) =>
    (showsHidden || !name.startsWith('.')) && (matches === undefined || matches(nameText(name)));
}
