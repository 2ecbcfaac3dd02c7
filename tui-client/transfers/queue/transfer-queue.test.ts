import { stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { TwoTrees } from '../testing/two-trees.ts';

let trees: TwoTrees;

beforeEach(async () => {
  trees = await TwoTrees.make();
});

afterEach(() => trees.dispose());

test('files go both ways, with their times, and are compared by digest', async () => {
  const up = await trees.write('up.bin', 100_000);
  const down = await trees.writeThere('down.bin', 1_200_000);
  await trees.local.setModified(join(trees.here, 'up.bin'), 1_600_000_000_000);
  const queue = trees.queue();

  queue.add([trees.upload('up.bin'), trees.download('down.bin')]);
  await queue.idle();

  expect(up.equals(await trees.readThere('up.bin'))).toBe(true);
  expect(down.equals(await trees.read('down.bin'))).toBe(true);
  expect((await stat(join(trees.server.root, 'up.bin'))).mtimeMs).toBe(1_600_000_000_000);
  const { jobs, counts, doneBytes, totalBytes, isTotalKnown } = queue.snapshot();
  expect(counts).toMatchObject({ done: 2, waiting: 0, failed: 0 });
  expect([doneBytes, totalBytes, isTotalKnown]).toEqual([1_300_000, 1_300_000, true]);
  expect(jobs.map(({ verified }) => verified)).toMatchObject([
    { algorithm: 'SHA-256' },
    { algorithm: 'SHA-256' },
  ]);
});

test('a tree goes up with its empty directories, and links are named and left out', async () => {
  await trees.write('tree/a/one');
  await trees.write('tree/two');
  await trees.local.makeDirectory(join(trees.here, 'tree/empty/deep'));
  await symlink('/etc', join(trees.here, 'tree/link'));
  const queue = trees.queue();

  queue.add([trees.upload('tree', { kind: 'directory' })]);
  expect(queue.snapshot().isTotalKnown).toBe(false);
  await queue.idle();

  expect((await trees.readThere('tree/a/one')).toString()).toBe('content');
  expect((await stat(join(trees.server.root, 'tree/empty/deep'))).isDirectory()).toBe(true);
  const { counts, jobs, isTotalKnown } = queue.snapshot();
  expect(counts).toMatchObject({ done: 2, skipped: 1 });
  expect(isTotalKnown).toBe(true);
  expect(jobs.find(({ state }) => state === 'skipped')?.note).toBe('Links are not followed.');
});
