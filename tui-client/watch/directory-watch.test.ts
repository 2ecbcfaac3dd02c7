import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { excludesFrom } from '../transfers/excludes.ts';
import { DirectoryWatch } from './directory-watch.ts';

let root: string;
let watch: DirectoryWatch;
let changed: Set<string>;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'myftp-watch-'));
  changed = new Set();
  watch = new DirectoryWatch(root, {
    isExcluded: excludesFrom(['left-out/', '*.log']),
    onChange: (directory) => changed.add(directory),
  });
});
afterEach(async () => {
  watch.close();
  await rm(root, { recursive: true });
});

async function told(directory: string): Promise<void> {
  const endMs = performance.now() + 30_000;
  while (!changed.has(directory)) {
    if (performance.now() > endMs) throw new Error(`Not told: ${directory} [${[...changed]}]`);
    await delay(10);
  }
  changed.clear();
}

test('directories are watched with all below them, but not what is excluded, and no links', async () => {
  for (const path of ['a/b', 'left-out/c']) await mkdir(join(root, path), { recursive: true });
  await symlink('a', join(root, 'link'));
  expect(watch.refresh('')).toEqual(['', 'a', 'a/b']);
  await writeFile(join(root, 'a/b/file'), '');
  await told('a/b');
  await writeFile(join(root, 'noise.log'), '');
  await writeFile(join(root, 'left-out/c/file'), '');
  await writeFile(join(root, 'file'), '');
  await told('');
  expect(watch.has('left-out') || watch.has('link')).toBe(false);
});

test('directories that were made since the last look are told once', async () => {
  watch.refresh('');
  await mkdir(join(root, 'new/deep/er'), { recursive: true });
  await told('');
  expect(watch.refresh('')).toEqual(['new', 'new/deep', 'new/deep/er']);
  expect(watch.refresh('')).toEqual([]);
  await writeFile(join(root, 'new/deep/er/file'), '');
  await told('new/deep/er');
});

test('a directory with a new name is watched under that name', async () => {
  await mkdir(join(root, 'old/sub'), { recursive: true });
  watch.refresh('');
  await rename(join(root, 'old'), join(root, 'new'));
  await told('');
  expect(watch.refresh('')).toEqual(['new', 'new/sub']);
  expect(watch.has('old') || watch.has('old/sub')).toBe(false);
  changed.clear();
  await writeFile(join(root, 'new/sub/file'), '');
  await told('new/sub');
  expect(changed.has('old/sub')).toBe(false);
});

test('a directory that was made anew under its name is watched again', async () => {
  await mkdir(join(root, 'same'));
  watch.refresh('');
  for (let round = 0; round < 5; round += 1) {
    await rm(join(root, 'same'), { recursive: true });
    await mkdir(join(root, 'same'));
    expect(watch.refresh('')).toEqual(['same']);
    changed.clear();
    await writeFile(join(root, 'same/file'), '');
    await told('same');
  }
});
