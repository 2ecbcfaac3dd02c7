import type { Dir } from 'node:fs';
import { STAGING_DIRECTORY } from '../disk/staging-directory.ts';
import { type ByteName, nameText } from '../system/byte-name.ts';
import { EntryPermissions } from './entry-permissions.ts';
import { foldersByName } from './listed-folders.ts';
import type { ListingRequest } from './listing-request.ts';
import { type NameMatcher, nameMatcher } from './name-pattern.ts';
import { decodePartials, type StagedEntry } from './partial-entries.ts';

/** The names to list, sorted by their bytes. */
export interface ListedNames {
  readonly names: readonly ByteName[];
  /** Those that are symbolic links on disk. */
  readonly links: ReadonlySet<ByteName>;
  /** Those that may be partial uploads. */
  readonly partials: ReadonlyMap<ByteName, StagedEntry>;
  /** More names follow these. */
  readonly hasMore: boolean;
}

/** Which names of a directory are wanted. */
interface NameRange {
  /** Only those that sort after this one. */
  readonly after: ByteName | undefined;
  /** Limit of these names. */
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
  const isInRange = (name: ByteName) => (after === undefined || name > after) && fits(name);
  const folders = foldersByName(request.folders);
  const isShown = (name: ByteName) => isInRange(name) && folders?.has(name) !== true;
  const encoded = request.partials?.encoded;
  const partials = encoded ? decodePartials(encoded, isShown) : new Map<ByteName, StagedEntry>();
  const permissions = new EntryPermissions(request.rights);
  const isRead = (name: ByteName) =>
    isShown(name) &&
    name !== STAGING_DIRECTORY &&
    !partials.has(name) &&
    !permissions.isHidden(name);
  const listed = { names: [...partials.keys()], links: new Set<ByteName>() };
  for (const { name, facts } of request.folders ?? []) {
    if (facts !== undefined && isInRange(name)) listed.names.push(name);
  }
  try {
    while (readSlice(directory, isRead, listed)) yield undefined;
  } finally {
    directory.closeSync();
  }
  listed.names.sort();
  if (listed.names.length <= limit) return { ...listed, partials, hasMore: false };
  // Copies: the whole would stay in memory.
  const names = listed.names.slice(0, limit);
  return { ...listed, names, partials: entriesOf(names, partials), hasMore: true };
}

/** The partial uploads among these names. */
export function entriesOf(
  names: readonly ByteName[],
  partials: ReadonlyMap<ByteName, StagedEntry>,
): ReadonlyMap<ByteName, StagedEntry> {
  const entries = new Map<ByteName, StagedEntry>();
  if (partials.size === 0) return entries;
  for (const name of names) {
    const entry = partials.get(name);
    if (entry !== undefined) entries.set(name, entry);
  }
  return entries;
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
