import { expect, test } from '@jest/globals';
import type { Entry } from '../files/place.ts';
import { RowGatherer } from './row-gatherer.ts';
import { inOrder, mergeRows, rowNamed, rowsByName, type Sort } from './row-order.ts';

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
  return inOrder(rowsByName(entries), sort).map((row) => row.entry.name);
}

test('numbers in names are counted, case does not matter', () => {
  const names = ['b10', 'B2', 'b1', 'a'].map((name) => entry(name));
  expect(order(names, { by: 'name', direction: 'up' })).toEqual(['a', 'b1', 'B2', 'b10']);
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

test('by numbers in order of name where they are equal, whatever they are', () => {
  const times = [0, -0, 1.5, 1e15, -1, -2.5, 1.6e12, 1.6e12 + 0.25, 3, 0];
  const entries = times.map((modifiedMs, index) => entry(`f${index}`, { modifiedMs }));
  const up = [5, 4, 0, 1, 9, 2, 8, 6, 7, 3].map((index) => `f${index}`);
  expect(order(entries, { by: 'time', direction: 'up' })).toEqual(up);
  const down = [3, 7, 6, 8, 2, 0, 1, 9, 4, 5].map((index) => `f${index}`);
  expect(order(entries, { by: 'time', direction: 'down' })).toEqual(down);
});

test('a row is found by its name, be it a directory or a file', () => {
  const rows = rowsByName([
    entry('b'),
    entry('a', { kind: 'directory' }),
    entry('B'),
    entry('c10'),
  ]);
  for (const name of ['a', 'b', 'B', 'c10']) expect(rowNamed(rows, name)?.entry.name).toBe(name);
  for (const name of ['A', 'c1', '', 'z']) expect(rowNamed(rows, name)).toBeUndefined();
});

test('entries that come in batches are the same in order as all at once', () => {
  const entries = Array.from({ length: 5000 }, (_, index) =>
    entry(`f${(index * 7919) % 5003}.txt`),
  );
  const gathered = new RowGatherer();
  for (let at = 0; at < 5000; at += 70) gathered.add(entries.slice(at, at + 70));
  expect(gathered.take()).toEqual(rowsByName(entries));
  expect([gathered.isEmpty, gathered.take()]).toEqual([true, []]);
});

test('a batch merged into a list is the list sorted', () => {
  const sort: Sort = { by: 'size', direction: 'down' };
  const entries = Array.from({ length: 200 }, (_, index) =>
    entry(`f${index}`, { sizeBytes: (index * 7919) % 31 }),
  );
  const sorted = (some: readonly Entry[]) => inOrder(rowsByName(some), sort);
  const merged = mergeRows({
    sorted: sorted(entries.slice(0, 120)),
    batch: sorted(entries.slice(120)),
    sort,
  });
  expect(merged).toEqual(sorted(entries));
});
