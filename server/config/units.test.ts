import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { describeSize, formatDuration, formatSize, parseDuration, parseSize } from './units.ts';

describe('sizes', () => {
  test.each([
    ['0', 0],
    ['1234', 1234],
    ['10GB', 10_000_000_000],
    ['10 gb', 10_000_000_000],
    ['1GiB', 1024 ** 3],
    ['1.5GiB', 1.5 * 1024 ** 3],
    ['500M', 500 * 1024 ** 2],
    ['500MB', 500_000_000],
    ['2T', 2 * 1024 ** 4],
    ['64k', 65_536],
    ['12B', 12],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  test.each(['', 'lots', '-1', '1e9', '10XB', '1,5GB', 'GB', '0x10', '1 2'])(
    '%j is refused',
    (text) => {
      expect(() => parseSize(text)).toThrow(
        /is not a size\. Write .* such as 500M, 10GB or 1GiB\./,
      );
    },
  );

  test('a size that a number cannot hold exactly is refused', () => {
    expect(() => parseSize('9000TiB')).toThrow(
      '"9000TiB" is too large. The largest size is 8191TiB.',
    );
    expect(parseSize('8191TiB')).toBe(8191 * 1024 ** 4);
  });

  test('what is written reads back as the same size', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (bytes) => {
        expect(parseSize(formatSize(bytes))).toBe(bytes);
      }),
    );
    expect([1024 ** 3, 10 ** 10, 1234, 0].map(formatSize)).toEqual(['1GiB', '10GB', '1234', '0']);
  });

  test('a size for the eye has three digits or fewer after rounding', () => {
    expect(
      [0, 1023, 1536, 200 * 1024, 1024 ** 3, 1.44 * 1024 ** 3, 2 ** 53].map(describeSize),
    ).toEqual(['0 bytes', '1023 bytes', '1.5 KiB', '200 KiB', '1 GiB', '1.4 GiB', '8 PiB']);
  });
});

describe('durations', () => {
  test.each([
    ['300', 300_000],
    ['300s', 300_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['2d', 172_800_000],
    ['500ms', 500],
    ['5 M', 300_000],
    ['0', 0],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each(['', 'soon', '-5', '5 weeks', '1h30', '5minutes', 'm'])('%j is refused', (text) => {
    expect(() => parseDuration(text)).toThrow(
      /is not a duration\. Write .* such as 300s, 5m or 1h\./,
    );
  });

  test('what is written reads back as the same duration', () => {
    fc.assert(
      fc.property(fc.nat(), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
    expect([300_000, 90_000, 1500, 0].map(formatDuration)).toEqual(['5m', '90s', '1500ms', '0s']);
  });
});
