import { expect, test } from '@jest/globals';
import { comparePaths, inTreeOrder } from './name-order.ts';
import type { Entry } from './place.ts';

test('paths are in the order of a walk: the files of a directory before those below it', () => {
  const walked = ['/Z', '/a.txt', '/b', '/a/z', '/a/b/c', '/a/c/a', '/a-b/x', '/ab/x'];
  const expected = ['/Z', '/a.txt', '/b', '/a/z', '/a/b/c', '/a/c/a', '/a-b/x', '/ab/x'];
  expect(walked.toReversed().sort(comparePaths)).toEqual(expected);
  expect(comparePaths('/a/b', '/a/b')).toBe(0);
});

test('directories come after what else a directory holds', () => {
  const entries = ['directory b', 'file z', 'directory A', 'link c', 'file a'].map((text) => {
    const [kind, name] = text.split(' ');
    return { kind, name } as Entry;
  });
  expect(inTreeOrder(entries).map(({ name }) => name)).toEqual(['a', 'c', 'z', 'A', 'b']);
});
