import { describe, expect, test } from '@jest/globals';
import { parseListedTime } from './listed-time.ts';

/** 30 November 2026, 12:00. */
const NOW_MS = Date.UTC(2026, 10, 30, 12);

const shown = (text: string, nowMs = NOW_MS) => {
  const time = parseListedTime(text, nowMs);
  return time && `${new Date(time.ms).toISOString().slice(0, 16)} ${time.precision}`;
};

test.each([
  ['Mar  2 14:11', '2026-03-02T14:11 minute'],
  ['Mar 02 2019', '2019-03-02T00:00 day'],
  ['Mar  2  2019', '2019-03-02T00:00 day'],
  ['2 Mar 14:11', '2026-03-02T14:11 minute'],
  ['2026-03-02 14:11', '2026-03-02T14:11 minute'],
  ['2026-03-02', '2026-03-02T00:00 day'],
  ['03-02-26  02:11PM', '2026-03-02T14:11 minute'],
  ['03-02-2026  12:05AM', '2026-03-02T00:05 minute'],
  ['03-02-99  12:05PM', '1999-03-02T12:05 minute'],
  ['02.03.2026 14:11', '2026-03-02T14:11 minute'],
  ['2-MAR-2026 14:11:09.12', '2026-03-02T14:11 minute'],
  ['26/03/2026 14:11', '2026-03-26T14:11 minute'],
])('%s is %s', (text, expected) => {
  expect(shown(text)).toBe(expected);
});

describe('without a year', () => {
  test.each([
    ['Nov 30 12:00', NOW_MS, '2026-11-30T12:00 minute'],
    // A server whose clock is ahead, or whose day has begun.
    ['Dec 01 11:59', NOW_MS, '2026-12-01T11:59 minute'],
    ['Dec 01 12:01', NOW_MS, '2025-12-01T12:01 minute'],
    ['Jan 01 00:30', Date.UTC(2026, 11, 31, 23), '2027-01-01T00:30 minute'],
    ['Dec 31 23:59', Date.UTC(2027, 0, 1), '2026-12-31T23:59 minute'],
    ['Feb 29 12:00', NOW_MS, '2024-02-29T12:00 minute'],
    ['Feb 29 12:00', Date.UTC(2028, 1, 29), '2028-02-29T12:00 minute'],
  ])('%s at %i is %s', (text, nowMs, expected) => {
    expect(shown(text, nowMs)).toBe(expected);
  });
});

test.each([
  'Feb 30 2026',
  'Okt 30 12:00',
  'Mar 2',
  '03/02/2026 14:11',
  '13-13-26 02:11PM',
  '',
  'never',
])('"%s" is no time, or could be two', (text) => {
  expect(shown(text)).toBeUndefined();
});
