import { describe, expect, test } from '@jest/globals';
import {
  bytesInWords,
  counted,
  displayName,
  duration,
  exactBytes,
  fullDate,
  percent,
  rate,
  shortBytes,
  shortDate,
} from './format.ts';

describe('names', () => {
  test.each([
    ['an escape', 'a\x1b[31mb', 'a�[31mb'],
    ['C1 controls', 'a\u009bb', 'a�b'],
    ['a line end', 'a\nb\rc\u2028d', 'a�b�c�d'],
    ['a turn of the direction', '\u202egnp.exe\u2066', '�gnp.exe�'],
    ['zero width', 'a\u200bb\ufeffc\u00add\u2060', 'a�b�c�d�'],
    ['joiners in Latin', 'pay\u200dpal\u200c', 'pay�pal�'],
    ['private characters', 'a\ue000b', 'a�b'],
    ['half a pair', 'a\ud800b', 'a�b'],
    ['a mark without a letter', '\u0301a', '�a'],
  ])('%s is replaced', (_, name, shown) => {
    expect(displayName(name)).toBe(shown);
  });

  test.each(['plain name.txt', '日本語', '👨‍👩‍👧‍👦', '❤️', 'हिन्दी', 'می‌خواهم', 'e\u0301'])(
    '%s stays as it is',
    (name) => expect(displayName(name)).toBe(name),
  );
});

describe('numbers', () => {
  test.each([
    [undefined, ''],
    [0, '0'],
    [1023, '1023'],
    [1024, '1.0 K'],
    [12_412, '12 K'],
    [1023 * 1024, '1023 K'],
    [1024 * 1024 - 1, '1.0 M'],
    [3.2 * 1024 ** 3, '3.2 G'],
    [9.97 * 1024 ** 3, '10 G'],
    [2 ** 53, '8.0 P'],
  ])('%p bytes are %p', (bytes, text) => {
    expect(shortBytes(bytes)).toBe(text);
  });

  test('exact bytes are grouped', () => {
    expect(exactBytes(12_412)).toBe('12,412 bytes');
    expect(exactBytes(1)).toBe('1 byte');
    expect(exactBytes(1_234_567)).toBe('1,234,567 bytes');
  });

  test.each([
    [0, '0 B/s'],
    [999, '999 B/s'],
    [1000, '1.0 kB/s'],
    [22_140_000, '22.1 MB/s'],
    [999_960, '1.0 MB/s'],
    [380_000_000, '380 MB/s'],
    [99_960_000, '100 MB/s'],
    [1.2e13, '12000 GB/s'],
  ])('%p bytes a second are %p', (bytesPerSecond, text) => {
    expect(rate(bytesPerSecond)).toBe(text);
  });

  test.each([
    [0, '0:00'],
    [48_000, '0:48'],
    [92_000, '1:32'],
    [3_599_600, '1:00:00'],
    [5_527_000, '1:32:07'],
    [300 * 3600 * 1000, '12 days'],
    [-5, '0:00'],
  ])('%p ms are %p', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  test.each([
    [61, 100, ' 61 %'],
    [0, 7, '  0 %'],
    [999_999, 1_000_000, ' 99 %'],
    [5, 5, '100 %'],
    [0, 0, '100 %'],
    [9, 5, '100 %'],
    [5, undefined, undefined],
  ])('%p of %p is %p', (done, total, text) => {
    expect(percent(done, total)).toBe(text);
  });

  test('counts take the plural', () => {
    expect(counted(1, 'file')).toBe('1 file');
    expect(counted(2041, 'file')).toBe('2,041 files');
    expect(counted(31, 'directory', 'directories')).toBe('31 directories');
  });
});

describe('dates, in local time', () => {
  const nowMs = new Date(2026, 2, 15, 18, 0).getTime();

  test.each([
    [new Date(2026, 2, 15, 14, 11), '14:11'],
    [new Date(2026, 2, 2, 14, 11), 'Mar 02'],
    [new Date(2025, 7, 30), '2025-08-30'],
    [new Date(2026, 11, 30), '2026-12-30'],
  ])('%s is short', (date, text) => {
    expect(shortDate(date.getTime(), nowMs)).toBe(text);
  });

  test('what is no date is empty', () => {
    for (const ms of [undefined, Number.NaN, 1e300]) {
      expect(shortDate(ms, nowMs)).toBe('');
      expect(fullDate(ms)).toBe('');
    }
  });

  test('a full one has seconds', () => {
    expect(fullDate(new Date(2026, 2, 2, 14, 11, 9).getTime())).toBe('2026-03-02 14:11:09');
  });
});

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [1023, '1,023 bytes'],
  [1024, '1.0 K'],
  [29_000_000, '28 M'],
])('%i bytes in a sentence are %s', (bytes, words) => {
  expect(bytesInWords(bytes)).toBe(words);
});
