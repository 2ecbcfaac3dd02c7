import { type Entry, joinPath, type Place } from '../place.ts';

export interface Found {
  readonly path: string;
  readonly entry: Entry;
}

/** All that is below a directory, in batches as it is found. Links are told and not followed. */
export async function* walk(
  place: Place,
  directory: string,
  signal: AbortSignal,
): AsyncGenerator<readonly Found[]> {
  const directories = [directory];
  for (let at = directories.shift(); at !== undefined; at = directories.shift()) {
    for await (const batch of place.list(at, signal)) {
      signal.throwIfAborted();
      const found = batch.map((entry) => ({ path: joinPath(at ?? '/', entry.name), entry }));
      for (const { path, entry } of found) if (entry.kind === 'directory') directories.push(path);
      yield found;
    }
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
