import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ArgumentError } from '../errors/errors.ts';
import {
  isWithin,
  nameOf,
  parentOf,
  ROOT,
  resolvePathname,
  type VirtualPath,
} from './virtual-path.ts';

const pathnames = fc
  .array(fc.constantFrom('..', '.', '', 'a', 'b c', '...', '.x', 'ü', '\\', '-l'), {
    maxLength: 12,
  })
  .map((parts) => parts.join('/'));

describe('resolvePathname', () => {
  const from = (directory: string, pathname: string) =>
    resolvePathname(directory as VirtualPath, pathname);

  test.each([
    ['/', 'a', '/a'],
    ['/a', 'b', '/a/b'],
    ['/a', '/b', '/b'],
    ['/a/b', '..', '/a'],
    ['/a', '../..', '/'],
    ['/a', '../../../etc/passwd', '/etc/passwd'],
    ['/', '//a///b/./', '/a/b'],
    ['/a', '', '/a'],
    ['/a', '.', '/a'],
    ['/', '...', '/...'],
    ['/', ' a ', '/ a '],
    ['/', 'a\\..\\b', '/a\\..\\b'],
    ['/', '~', '/~'],
  ])('seen from %s, %j is %s', (directory, pathname, path) => {
    expect(from(directory, pathname)).toBe(path);
  });

  test.each(['a\r', 'a\nb', 'a\0'])('%j is no name', (pathname) => {
    expect(() => from('/', pathname)).toThrow(ArgumentError);
  });

  test('it never leaves the root, and says nothing twice', () => {
    fc.assert(
      fc.property(pathnames, pathnames, (directory, pathname) => {
        const path = resolvePathname(resolvePathname(ROOT, directory), pathname);
        expect(path).toMatch(/^\/([^/]+(\/[^/]+)*)?$/);
        const components = path.split('/');
        expect(components).not.toContain('..');
        expect(components).not.toContain('.');
      }),
    );
  });

  test('a path leads to itself from everywhere', () => {
    fc.assert(
      fc.property(pathnames, pathnames, (directory, pathname) => {
        const path = resolvePathname(ROOT, pathname);
        expect(resolvePathname(resolvePathname(ROOT, directory), path)).toBe(path);
      }),
    );
  });

  test('a step down and one up lead back', () => {
    fc.assert(
      fc.property(pathnames, (pathname) => {
        const path = resolvePathname(ROOT, pathname);
        const child = resolvePathname(path, 'x');
        expect(parentOf(child)).toBe(path);
        expect(nameOf(child)).toBe('x');
        expect(resolvePathname(child, '..')).toBe(path);
        expect(isWithin(path, child)).toBe(true);
        expect(isWithin(child, path)).toBe(false);
      }),
    );
  });
});

test('the root holds itself and has no name', () => {
  expect(parentOf(ROOT)).toBe('/');
  expect(nameOf(ROOT)).toBe('');
});

test('a name that begins like a directory does not lie in it', () => {
  expect(isWithin('/a' as VirtualPath, '/ab' as VirtualPath)).toBe(false);
});
