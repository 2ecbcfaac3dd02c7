import { expect, test } from '@jest/globals';
import { compareFacts } from './same-file.ts';
import { timeOrder } from './time-order.ts';

const NOON_MS = Date.UTC(2026, 2, 2, 12);
const HOUR_MS = 60 * 60_000;

const exact = (ms: number) => ({ modifiedMs: ms });
const about = (ms: number, precision: 'minute' | 'day') => ({
  modifiedMs: undefined,
  approximateTime: { ms, precision },
});

test.each([
  [exact(NOON_MS), exact(NOON_MS + 1999), 'same'],
  [exact(NOON_MS), exact(NOON_MS + 2000), 'before'],
  [exact(NOON_MS + 2000), exact(NOON_MS), 'after'],
  [exact(NOON_MS), about(NOON_MS, 'minute'), 'unknown'],
  // The listing may be in another time zone.
  [exact(NOON_MS), about(NOON_MS + 23 * HOUR_MS, 'minute'), 'unknown'],
  [exact(NOON_MS), about(NOON_MS + 25 * HOUR_MS, 'minute'), 'before'],
  [exact(NOON_MS + 47 * HOUR_MS), about(NOON_MS, 'day'), 'unknown'],
  [exact(NOON_MS + 49 * HOUR_MS), about(NOON_MS, 'day'), 'after'],
  [about(NOON_MS, 'day'), about(NOON_MS, 'day'), 'unknown'],
  [exact(NOON_MS), { modifiedMs: undefined }, 'unknown'],
] as const)('%j beside %j is %s', (one, other, expected) => {
  expect(timeOrder(one, other, 2000)).toBe(expected);
});

test('an approximate time makes no files equal, nor does a whole minute or day', () => {
  const source = { sizeBytes: 1, ...exact(NOON_MS) };
  expect(compareFacts(source, { sizeBytes: 1, ...about(NOON_MS, 'minute') })).toBe('unknown');
  const midnight = { sizeBytes: 1, ...exact(Date.UTC(2026, 2, 2)) };
  expect(compareFacts(source, midnight)).toBe('unknown');
});
