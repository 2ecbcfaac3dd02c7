import {
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fileFacts } from '../system/file-facts.ts';
import { entryFactsByLstat, entryFacts as entryFactsByStatx, statxProblem } from './entry-facts.ts';

let path: string;
let descriptor: number;

beforeAll(() => {
  path = mkdtempSync(join(tmpdir(), 'myftp-facts-'));
  descriptor = openSync(path, 'r');
  mkdirSync(join(path, 'directory'));
  symlinkSync('directory', join(path, 'link'));
  writeFileSync(join(path, 'ä'), 'abc');
  for (const [name, seconds] of [
    ['old', -1.5],
    ['new', 5_000_000_000.25],
  ] as const) {
    writeFileSync(join(path, name), '');
    utimesSync(join(path, name), seconds, seconds);
  }
});

afterAll(() => {
  closeSync(descriptor);
  rmSync(path, { recursive: true });
});

test('statx works here', () => {
  expect(statxProblem).toBeUndefined();
});

describe.each([
  ['statx', entryFactsByStatx],
  ['lstat', entryFactsByLstat],
])('by %s,', (_way, entryFacts) => {
  test.each(['directory', 'link', 'old', 'new'])('%s is what lstat says', (name) => {
    expect(entryFacts(descriptor, name)).toEqual(fileFacts(name, lstatSync(join(path, name))));
  });

  test('a name is its octets', () => {
    expect(entryFacts(descriptor, '\xc3\xa4')?.sizeBytes).toBe(3);
  });

  test('/dev/null is what lstat says', () => {
    const dev = openSync('/dev', 'r');
    expect(entryFacts(dev, 'null')).toEqual(fileFacts('null', lstatSync('/dev/null')));
    closeSync(dev);
  });

  test('a missing entry is undefined', () => {
    expect(entryFacts(descriptor, 'missing')).toBeUndefined();
  });
});
