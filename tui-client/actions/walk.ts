import { isOfOneDirectory } from '../files/listing.ts';
import { type Entry, joinPath, type Place, parentOf } from '../files/place.ts';
import { TreeLinks } from '../transfers/tree-links.ts';

export interface Found {
  readonly path: string;
  readonly entry: Entry;
}

/**
 * Everything below a directory, in batches while it is found. Links are returned and not followed. A directory that
 * cannot be read, or not completely, does not keep the others from being found.
 *
 * @throws the first of those failures, at the end.
 */
export async function* walk(
  place: Place,
  directory: string,
  signal: AbortSignal,
): AsyncGenerator<readonly Found[]> {
  const directories = [directory];
  const failures: unknown[] = [];
  const links = new TreeLinks(place);
  for (let at = directories.shift(); at !== undefined; at = directories.shift()) {
    for await (const found of gathering(failures, foundIn(place, at, signal), signal)) {
      for (const { path, entry } of found) {
        if (entry.kind !== 'directory') continue;
        if ('entry' in (await links.choose(parentOf(path), entry))) directories.push(path);
      }
      yield found;
    }
  }
  if (failures.length > 0) throw failures[0];
}

async function* foundIn(
  place: Place,
  directory: string,
  signal: AbortSignal,
): AsyncGenerator<readonly Found[]> {
  for await (const batch of place.list(directory, signal)) {
    signal.throwIfAborted();
    yield batch.map((entry) => ({ path: joinPath(directory, entry.name), entry }));
  }
}

async function* gathering(
  failures: unknown[],
  batches: AsyncIterable<readonly Found[]>,
  signal: AbortSignal,
): AsyncGenerator<readonly Found[]> {
  try {
    yield* batches;
  } catch (error) {
    if (signal.aborted || !isOfOneDirectory(error)) throw error;
    failures.push(error);
  }
}

export interface TreeCount {
  readonly files: number;
  readonly directories: number;
  readonly bytes: number;
}

export const NOTHING_COUNTED: TreeCount = { files: 0, directories: 0, bytes: 0 };

export function countEntries(count: TreeCount, entries: readonly Entry[]): TreeCount {
  let { files, directories, bytes } = count;
  for (const entry of entries) {
    if (entry.kind === 'directory') directories += 1;
    else files += 1;
    if (entry.kind === 'file') bytes += entry.sizeBytes ?? 0;
  }
  return { files, directories, bytes };
}
