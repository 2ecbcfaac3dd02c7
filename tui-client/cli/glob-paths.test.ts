import { expect, test } from '@jest/globals';
import type { Entry, Place } from '../files/place.ts';
import { findPaths } from './glob-paths.ts';

const BATCH_ENTRIES = 500;

/** A place whose root has so many files. */
function placeWith(files: number): Place {
  return {
    kind: 'remote',
    follow: async () => undefined,
    async *list() {
      for (let first = 0; first < files; first += BATCH_ENTRIES) {
        yield Array.from({ length: BATCH_ENTRIES }, (_, index) => file(`${first + index}.log`));
      }
    },
  } as Partial<Place> as Place;
}

function file(name: string): Entry {
  return { name, kind: 'file', sizeBytes: 1, modifiedMs: undefined } as Entry;
}

test('a pattern may fit more names than a function takes arguments', async () => {
  const found = await findPaths(placeWith(200_000), '/*.log', { links: 'follow' });
  expect(found).toHaveLength(200_000);
});
