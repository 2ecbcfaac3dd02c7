import { joinPath, type Place } from '../place.ts';
import type { Found } from './glob-paths.ts';

/** An entry and all that is below it, directories before what is in them. Links are not followed. */
export async function* walk(
  place: Place,
  { path, entry }: Found,
  signal: AbortSignal,
): AsyncGenerator<Found> {
  yield { path, entry };
  if (entry.kind !== 'directory') return;
  const directories: Found[] = [];
  for await (const batch of place.list(path, signal)) {
    for (const child of batch) {
      const found = { path: joinPath(path, child.name), entry: child };
      if (child.kind === 'directory') directories.push(found);
      else yield found;
    }
  }
  for (const directory of directories) yield* walk(place, directory, signal);
}
