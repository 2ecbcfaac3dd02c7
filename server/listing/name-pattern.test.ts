import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { processorMs } from '../../tests/processor-time.ts';
import { isNamePattern, nameMatcher } from './name-pattern.ts';

describe('nameMatcher', () => {
  test.each([
    ['*.txt', 'a.txt', true],
    ['*.txt', '.txt', true],
    ['*.txt', 'a.txt~', false],
    ['*', '', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['?', 'ü', true],
    ['?', '😀', true],
    ['?', '', false],
    ['??', 'a', false],
    ['[a-c]x', 'bx', true],
    ['[a-c]x', 'dx', false],
    ['[!a-c]x', 'dx', true],
    ['[^a-c]x', 'ax', false],
    ['[]]', ']', true],
    ['[!]]', 'a', true],
    ['[a-]', '-', true],
    ['[', '[', true],
    ['a[b', 'a[b', true],
    ['*[0-9].log', 'x12.log', true],
    ['plain', 'plain', true],
    ['plain', 'plainer', false],
    ['a.c', 'abc', false],
  ])('%s against %s is %s', (pattern, name, expected) => {
    expect(nameMatcher(pattern)(name)).toBe(expected);
  });

  test('agrees with a regular expression for stars and question marks', () => {
    const letters = fc.array(fc.constantFrom('a', 'b', '*', '?'), { maxLength: 8 });
    const names = fc.array(fc.constantFrom('a', 'b'), { maxLength: 10 });
    fc.assert(
      fc.property(letters, names, (patternLetters, nameLetters) => {
        const pattern = patternLetters.join('');
        const name = nameLetters.join('');
        const expression = pattern.replaceAll('*', '.*').replaceAll('?', '.');
        expect(nameMatcher(pattern)(name)).toBe(new RegExp(`^${expression}$`).test(name));
      }),
    );
  });

  test('no pattern keeps it busy', async () => {
    const matches = nameMatcher(`${'*a'.repeat(100)}*b`);
    const neededMs = await processorMs(() => expect(matches('a'.repeat(255))).toBe(false));
    expect(neededMs).toBeLessThan(500);
  });
});

test('a pattern is told from a plain name', () => {
  expect(isNamePattern('*.txt')).toBe(true);
  expect(isNamePattern('a?')).toBe(true);
  expect(isNamePattern('[a]')).toBe(true);
  expect(isNamePattern('plain.txt')).toBe(false);
});
