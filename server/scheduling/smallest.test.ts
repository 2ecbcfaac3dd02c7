import { expect, test } from '@jest/globals';
import { TurnCounter } from '../testing/turn-counter.ts';
import { smallest } from './smallest.ts';

const compare = (one: number, other: number) => one - other;

test('finds the first items of an order, sorted', async () => {
  expect(await smallest([3, 1, 2], { count: 2, compare })).toEqual([1, 2]);
  expect(await smallest([], { count: 2, compare })).toEqual([]);
});

test('finds them among many, and gives the event loop its turns', async () => {
  const items = Array.from({ length: 100_000 }, (_, index) => (index * 7919) % 100_000);
  const turns = new TurnCounter();
  const found = await smallest(items, { count: 3000, compare });
  expect(turns.stop()).toBeGreaterThanOrEqual(97);
  expect(found).toEqual(Array.from({ length: 3000 }, (_, index) => index));
});
