import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makeDirectory, removeDirectory, removeFile } from './disk.ts';

let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'myftp-disk-'));
});

afterAll(() => rmSync(directory, { recursive: true }));

test('a small file is removed at once', async () => {
  const path = join(directory, 'small');
  writeFileSync(path, '');
  const removing = removeFile(path, 64 * 1024);
  expect(existsSync(path)).toBe(false);
  await removing;
});

test('a large file, which takes the disk a while, is removed by another thread', async () => {
  const path = join(directory, 'large');
  writeFileSync(path, '');
  await removeFile(path, 64 * 1024 + 1);
  expect(existsSync(path)).toBe(false);
});

test('directories are made and removed at once', async () => {
  const path = join(directory, 'new');
  const making = makeDirectory(path);
  expect(existsSync(path)).toBe(true);
  await making;
  const removing = removeDirectory(path);
  expect(existsSync(path)).toBe(false);
  await removing;
});

test('what fails at once is a rejection like any other', async () => {
  await expect(removeFile(join(directory, 'missing'), 0)).rejects.toThrow('ENOENT');
  await expect(makeDirectory(directory)).rejects.toThrow('EEXIST');
});
