import { TextDecoder } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { ArgumentError } from '../errors/errors.ts';
import { parseCommandLine, verbOf } from './command-line.ts';

const UTF8_ONLY = { fallback: undefined };
const WITH_FALLBACK = { fallback: new TextDecoder('windows-1252') };

describe('parseCommandLine', () => {
  const parse = (line: string) => parseCommandLine(Buffer.from(line), UTF8_ONLY);

  test('the verb is in capitals, however it was sent', () => {
    expect(parse('rEtR x').verb).toBe('RETR');
  });

  test('the argument is what follows the first space, untouched', () => {
    expect(parse('STOR  "a"  -l b\\c ').argument).toBe(' "a"  -l b\\c ');
  });

  test('no space, no argument; nothing behind the space, an empty one', () => {
    expect(parse('PASS').argument).toBeUndefined();
    expect(parse('PASS ').argument).toBe('');
  });

  test('names are UTF-8', () => {
    expect(parse('RETR grüße 日本 🎉').argument).toBe('grüße 日本 🎉');
  });

  test.each(['RETR a\0b', 'RETR a\rb'])('%j is refused', (line) => {
    expect(() => parse(line)).toThrow(ArgumentError);
  });

  describe('octets that are not UTF-8', () => {
    const line = Buffer.from('RETR gr\xfc\xdfe', 'latin1');

    test('are refused', () => {
      expect(() => parseCommandLine(line, UTF8_ONLY)).toThrow('not valid UTF-8');
    });

    test('are read in the fallback encoding if there is one', () => {
      expect(parseCommandLine(line, WITH_FALLBACK).argument).toBe('grüße');
    });

    test('do not keep the verb from being known', () => {
      expect(verbOf(line)).toBe('RETR');
    });
  });

  test('the fallback leaves UTF-8 alone', () => {
    expect(parseCommandLine(Buffer.from('RETR grüße'), WITH_FALLBACK).argument).toBe('grüße');
  });
});
