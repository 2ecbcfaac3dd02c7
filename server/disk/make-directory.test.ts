import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { makeDirectory } from './make-directory.ts';

let base: string;

beforeEach(() => {
  base = mkdtempSync(path.join(tmpdir(), 'myftp-mkdir-'));
});

afterEach(() => {
  rmSync(base, { recursive: true, force: true });
});

test('makes what is missing, for the owner and the group', () => {
  const directory = path.join(base, 'a/b/c');
  makeDirectory(directory);
  expect(statSync(directory).isDirectory()).toBe(true);
  expect(statSync(path.dirname(directory)).mode & 0o007).toBe(0);
});

test('leaves what is there', () => {
  makeDirectory(path.join(base, 'a'));
  expect(() => makeDirectory(path.join(base, 'a'))).not.toThrow();
});

test('fails for a file in the way', () => {
  writeFileSync(path.join(base, 'file'), '');
  expect(() => makeDirectory(path.join(base, 'file'))).toThrow(/EEXIST/);
  expect(() => makeDirectory(path.join(base, 'file/a/b'))).toThrow(/ENOTDIR/);
});

test('fails, instead of never returning, where no directory can be made', () => {
  expect(() => makeDirectory('/proc/myftp/logs')).toThrow(/ENOENT/);
});
