import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { machineTime, parseMachineTime } from './machine-time.ts';

describe('machineTime', () => {
  test.each([
    [Date.UTC(2024, 1, 29, 23, 59, 59), '20240229235959'],
    [0, '19700101000000'],
    [-1, '19691231235959'],
    [1_000_000_000_999.75, '20010909014640'],
    [-1e18, '00000101000000'],
    [1e18, '99991231235959'],
  ])('%d is %s', (timeMs, text) => {
    expect(machineTime(timeMs)).toBe(text);
  });

  test('is read back as the second that it came from', () => {
    const times = fc.integer({ min: Date.UTC(1, 0, 1), max: Date.UTC(9999, 11, 31) });
    fc.assert(
      fc.property(times, (timeMs) => {
        expect(parseMachineTime(machineTime(timeMs))).toBe(Math.floor(timeMs / 1000) * 1000);
      }),
    );
  });
});

describe('parseMachineTime', () => {
  test('a fraction of a second counts', () => {
    expect(parseMachineTime('19700101000001.5')).toBe(1500);
    expect(parseMachineTime('19700101000001.123456')).toBe(1123);
  });

  test('a leap second is the next minute', () => {
    expect(parseMachineTime('19981231235960')).toBe(Date.UTC(1999, 0, 1));
  });

  test.each([
    '',
    '2024',
    '20240230000000',
    '20230229000000',
    '20241301000000',
    '20240001000000',
    '20240100000000',
    '20240101240000',
    '20240101006000',
    '20240101000061',
    '20240101000000.',
    '20240101000000Z',
    ' 20240101000000',
    '-0240101000000',
  ])('%s is not a time', (text) => {
    expect(parseMachineTime(text)).toBeUndefined();
  });
});
