import { describe, expect, test } from '@jest/globals';
import { nastyNames } from '../testing/nasty-names.ts';
import { displayName } from './format.ts';
import { cutEnd, cutMiddle, cutStart, padEnd, padStart, widthOf } from './text-width.ts';

describe('cutting', () => {
  test.each([
    [cutEnd, 'abcdefgh', 5, 'abcd…'],
    [cutStart, 'abcdefgh', 5, '…efgh'],
    [cutMiddle, 'abcdefgh', 5, 'ab…gh'],
    [cutMiddle, 'photograph.jpeg', 10, 'photo…jpeg'],
    [cutEnd, '写真写真', 5, '写真…'],
    [cutEnd, '写真写真', 4, '写…'],
    [cutMiddle, '写真写真写真', 7, '写…写真'],
    [cutEnd, 'abc', 3, 'abc'],
    [cutEnd, 'abc', 1, '…'],
    [cutEnd, 'abc', 0, ''],
    [cutMiddle, 'abc', 0, ''],
    [cutStart, 'abc', 0, ''],
  ])('%p of %s to %i', (cut, text, width, expected) => {
    expect(cut(text, width)).toBe(expected);
  });

  test('never gives more than the width, whatever the name', () => {
    for (const name of nastyNames.map(displayName)) {
      for (let width = 0; width <= 30; width++) {
        for (const cut of [cutEnd, cutStart, cutMiddle]) {
          expect(widthOf(cut(name, width))).toBeLessThanOrEqual(width);
        }
      }
    }
  });

  test('never parts a character that is made of several', () => {
    expect(cutEnd('👨‍👩‍👧‍👦👨‍👩‍👧‍👦', 3)).toBe('👨‍👩‍👧‍👦…');
    expect(cutStart('e\u0301e\u0301e\u0301', 2)).toBe('…e\u0301');
  });

  test('padding counts columns', () => {
    expect(padEnd('写', 4)).toBe('写  ');
    expect(padStart('写', 4)).toBe('  写');
    expect(padEnd('\x1b[1mab\x1b[0m', 3)).toBe('\x1b[1mab\x1b[0m ');
    expect(padEnd('long', 2)).toBe('long');
  });
});
