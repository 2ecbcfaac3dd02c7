import { expect, test } from '@jest/globals';
import { BoundedMap } from './bounded-map.ts';

function filled(): BoundedMap<string, number> {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  return map;
}

test('the entry that was set first goes when there is one too many', () => {
  const map = filled();
  map.set('c', 3);
  expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([undefined, 2, 3]);
  expect(map.size).toBe(2);
});

test('an entry that is set again or used is the latest; one that is looked at is not', () => {
  const again = filled();
  again.set('a', 4);
  again.set('c', 3);
  expect([again.get('a'), again.get('b')]).toEqual([4, undefined]);
  const used = filled();
  expect(used.use('a')).toBe(1);
  used.set('c', 3);
  expect([used.get('a'), used.get('b')]).toEqual([1, undefined]);
  const seen = filled();
  seen.get('a');
  seen.set('c', 3);
  expect(seen.get('a')).toBeUndefined();
});

test('a deleted entry makes room', () => {
  const map = filled();
  map.delete('a');
  map.set('c', 3);
  expect([map.use('a'), map.get('b'), map.get('c')]).toEqual([undefined, 2, 3]);
});
