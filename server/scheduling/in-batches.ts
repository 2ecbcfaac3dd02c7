import { setImmediate } from 'node:timers/promises';

/** Items with a quick call of the file system each take about a millisecond. */
const BATCH_ITEMS = 64;

/**
 * Hands out items in batches, and lets the event loop serve others between them. Items are taken from `items` when
 * their batch is wanted, so that all of them need not be in memory.
 */
export async function* inBatches<Item>(
  items: Iterable<Item>,
  batchItems = BATCH_ITEMS,
): AsyncGenerator<readonly Item[], void> {
  let batch: Item[] = [];
  for (const item of items) {
    if (batch.length === batchItems) {
      yield batch;
      await setImmediate();
      batch = [];
    }
    batch.push(item);
  }
  if (batch.length > 0) yield batch;
}
