import { inBatches } from './in-batches.ts';

/** Items that are sorted in one step: about a millisecond. */
const SORTED_AT_ONCE = 1024;

/**
 * The first `count` items in an order, sorted. Takes a time that grows with the number of items, and lets the event loop
 * serve others; keeps no more than `count` of them in memory, and a batch.
 */
export async function smallest<Item>(
  items: Iterable<Item>,
  { count, compare }: { readonly count: number; compare(one: Item, other: Item): number },
): Promise<Item[]> {
  let best: Item[] = [];
  for await (const batch of inBatches(items, SORTED_AT_ONCE)) {
    const last = best.length < count ? undefined : best.at(-1);
    const better = last === undefined ? batch : batch.filter((item) => compare(item, last) < 0);
    if (better.length > 0) best = [...best, ...better].sort(compare).slice(0, count);
  }
  return best;
}
