import { expect, test } from '@jest/globals';
import { globMatcher } from './glob.ts';

test.each([
  ['*.txt', 'Notes.TXT', true],
  ['*.txt', 'notes.txt.gz', false],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['img[0-9].png', 'img7.png', true],
  ['img[!0-9].png', 'img7.png', false],
  ['a+b(c)', 'a+b(c)', true],
  ['[', '[', true],
  ['写*', '写真 📷.zip', true],
])('%s and %s: %s', (pattern, name, matches) => {
  expect(globMatcher(pattern)(name)).toBe(matches);
});
