import { expect, test } from '@jest/globals';
import type { Entry } from '../place.ts';
import { mergeRows, naturalKey, rowOf, type Sort, sortRows } from './row-order.ts';

function entry(name: string, more: Partial<Entry> = {}): Entry {
  return {
    name,
    kind: 'file',
    sizeBytes: undefined,
    modifiedMs: undefined,
    mode: undefined,
    ...more,
  };
}

function order(entries: readonly Entry[], sort: Sort): string[] {
  return sortRows(entries.map(rowOf), sort).map((row) => row.entry.name);
}

test('numbers in names are counted, case does not matter', () => {
  const names = ['b10', 'B2', 'b1', 'a'].map((name) => entry(name));
  expect(order(names, { by: 'name', direction: 'up' })).toEqual(['a', 'b1', 'B2', 'b10']);
  expect(naturalKey('A7')).toBe('a000000000007');
});

test('directories stay above files, also when the order is turned', () => {
  const entries = [entry('b'), entry('z', { kind: 'directory' }), entry('c')];
  expect(order(entries, { by: 'name', direction: 'down' })).toEqual(['z', 'c', 'b']);
});

test.each([
  ['size', ['none', 'small.b', 'big.a']],
  ['time', ['small.b', 'none', 'big.a']],
  ['type', ['none', 'big.a', 'small.b']],
] as const)('by %s', (by, expected) => {
  const entries = [
    entry('big.a', { sizeBytes: 10, modifiedMs: 30 }),
    entry('small.b', { sizeBytes: 2, modifiedMs: 10 }),
    entry('none', { modifiedMs: 20 }),
  ];
  expect(order(entries, { by, direction: 'up' })).toEqual(expected);
});

test('a batch merged into a list is the list sorted', () => {
  const sort: Sort = { by: 'size', direction: 'down' };
  const rows = Array.from({ length: 200 }, (_, index) =>
    rowOf(entry(`f${index}`, { sizeBytes: (index * 7919) % 31 })),
  );
  const merged = mergeRows({
    sorted: sortRows(rows.slice(0, 120), sort),
    batch: sortRows(rows.slice(120), sort),
    sort,
  });
  expect(merged).toEqual(sortRows(rows, sort));
});
