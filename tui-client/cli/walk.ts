import { readListing } from '../files/listing.ts';
import { inTreeOrder } from '../files/name-order.ts';
import { joinPath, type Place } from '../files/place.ts';
import { TreeLinks } from '../transfers/tree-links.ts';
import type { Found } from './glob-paths.ts';

interface WalkOptions {
  readonly signal: AbortSignal;
  /** By default links are given as they are. */
  readonly links?: TreeLinks;
}

/** An entry and all that is below it by name: a directory, its files, then its directories. */
export async function* walk(
  place: Place,
  { path, entry }: Found,
  { signal, links = new TreeLinks(place) }: WalkOptions,
): AsyncGenerator<Found> {
  yield { path, entry };
  if (entry.kind !== 'directory') return;
  const { entries, gap } = await readListing(place, path, signal);
  for (const child of inTreeOrder(entries)) {
    const choice = await links.choose(path, child);
    const isLoop = 'skip' in choice && child.kind === 'directory';
    const found = {
      path: joinPath(path, child.name),
      entry: 'skip' in choice ? child : choice.entry,
    };
    if (!isLoop) yield* walk(place, found, { signal, links });
  }
  if (gap !== undefined) throw gap;
}
