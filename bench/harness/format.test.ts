import { describe, expect, test } from '@jest/globals';
import { formatNumber, formatSize, GIB, KIB, MIB, median, parseSize } from './format.ts';

describe('sizes', () => {
  test.each([
    ['1GiB', GIB],
    ['256M', 256 * MIB],
    ['64 mib', 64 * MIB],
    ['4kB', 4 * KIB],
    ['100', 100],
  ])('%s can be read', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  test.each(['', 'GiB', '1.5GiB', '-1', '1TiB'])('"%s" is refused', (text) => {
    expect(() => parseSize(text)).toThrow('--size');
  });

  test.each([
    [GIB, '1 GiB'],
    [64 * MIB, '64 MiB'],
    [1000, '1000 bytes'],
  ])('%d bytes are shown in the largest unit that divides them', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });
});

test('numbers have thousands separators and a fixed number of digits', () => {
  expect(formatNumber(12345.67, 1)).toBe('12,345.7');
});

test('the median is the middle value, or the mean of the two in the middle', () => {
  expect(median([3, 100, 1])).toBe(3);
  expect(median([4, 1, 2, 100])).toBe(3);
});
