import { Failure } from '../errors/failure.ts';
import { type Entry, joinPath, type Place } from '../files/place.ts';
import { globMatcher } from '../state/glob.ts';

const WILDCARD = /[*?[]/;

export interface Found {
  /** Absolute. */
  readonly path: string;
  readonly entry: Entry;
}

export interface FindOptions {
  /** Whether a link that was named stands for what it leads to, or for itself. */
  readonly links: 'follow' | 'keep';
  readonly signal?: AbortSignal | undefined;
}

/**
 * What a path names, or a pattern with `*`, `?` or `[a-z]` in any of its names. Something that is called just
 * like the pattern goes before what fits it. Names that begin with a dot fit only a pattern that does.
 *
 * @throws Failure of kind `missing` if there is nothing.
 */
export async function findPaths(
  place: Place,
  path: string,
  { links, signal }: FindOptions,
): Promise<readonly Found[]> {
  const entry = await (links === 'follow' ? place.follow(path) : place.stat(path));
  if (entry !== undefined) return [{ path, entry }];
  const found = WILDCARD.test(path) ? await matches(place, path, signal) : [];
  if (found.length > 0) return links === 'follow' ? followAll(place, found) : found;
  throw new Failure('missing', `${path}: no such file or directory.`);
}

async function followAll(place: Place, found: readonly Found[]): Promise<readonly Found[]> {
  const followed: Found[] = [];
  for (const { path, entry } of found) {
    const target = entry.kind === 'link' ? await place.follow(path) : undefined;
    followed.push({ path, entry: target ?? entry });
  }
  return followed;
}

async function matches(
  place: Place,
  pattern: string,
  signal: AbortSignal | undefined,
): Promise<readonly Found[]> {
  let directories = ['/'];
  let found: Found[] = [];
  const names = pattern.split('/').filter((name) => name !== '');
  for (const [depth, name] of names.entries()) {
    const isLast = depth === names.length - 1;
    if (!isLast && !WILDCARD.test(name)) {
      directories = directories.map((directory) => joinPath(directory, name));
      continue;
    }
    found = [];
    for (const directory of directories) {
      for (const one of await matchesIn(place, directory, name, signal)) found.push(one);
    }
    directories = found.filter(({ entry }) => entry.kind === 'directory').map(({ path }) => path);
  }
  return found.sort((one, other) => (one.path < other.path ? -1 : 1));
}

async function matchesIn(
  place: Place,
  directory: string,
  pattern: string,
  signal: AbortSignal | undefined,
): Promise<readonly Found[]> {
  const isMatch = globMatcher(pattern, 'told-apart');
  const found: Found[] = [];
  try {
    for await (const batch of place.list(directory, signal)) {
      for (const entry of batch) {
        if (entry.name.startsWith('.') && !pattern.startsWith('.')) continue;
        if (isMatch(entry.name)) found.push({ path: joinPath(directory, entry.name), entry });
      }
    }
  } catch (error) {
    if ((error as Partial<Failure>).kind !== 'missing') throw error;
  }
  return found;
}
