import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { OldestFilesFound } from '../disk/oldest-files-task.ts';
import { OldestFiles } from './oldest-files.ts';

/** A tree with files of 10 bytes, of which a scan brings `count`, the first of them always the oldest. */
class Tree {
  scans = 0;
  readonly names: string[];
  readonly files: OldestFiles;

  constructor(options: { names: readonly string[]; count: number; scanMs?: number }) {
    const { names, count, scanMs = 0 } = options;
    this.names = [...names];
    this.files = new OldestFiles(async () => {
      this.scans += 1;
      await delay(scanMs);
      return this.#oldest(count);
    });
  }

  #oldest(count: number): OldestFilesFound {
    const facts = { sizeBytes: 10, ino: 1, changedMs: 1, modifiedMs: 1 };
    const files = this.names.slice(0, count).map((path) => ({ ...facts, path }));
    return { files, totalFiles: this.names.length, totalBytes: 10 * this.names.length };
  }

  async deleteNext(): Promise<string | undefined> {
    const file = await this.files.next();
    if (file === undefined || !this.names.includes(file.path)) return file?.path;
    this.names.splice(this.names.indexOf(file.path), 1);
    this.files.deleted();
    return file.path;
  }
}

const LETTERS = [...'abcdefghijklmnop'];

test('one scan serves many deletions, and the next begins before its files are used up', async () => {
  const tree = new Tree({ names: LETTERS, count: 8 });
  for (const name of LETTERS.slice(0, 6)) expect(await tree.deleteNext()).toBe(name);
  expect(tree.scans).toBe(1);
  expect(await tree.deleteNext()).toBe('g');
  expect(tree.scans).toBe(2);
});

test('all files come in the end, the oldest first', async () => {
  const tree = new Tree({ names: LETTERS, count: 4 });
  const deleted: string[] = [];
  for (let name = await tree.deleteNext(); name !== undefined; name = await tree.deleteNext()) {
    if (!deleted.includes(name)) deleted.push(name);
  }
  expect(deleted).toEqual(LETTERS);
});

test('where nothing can be deleted, a search ends, and others do not scan again soon', async () => {
  const tree = new Tree({ names: ['in use'], count: 4, scanMs: 20 });
  expect((await tree.files.next())?.path).toBe('in use');
  for (let upload = 0; upload < 5; upload += 1) {
    expect(await tree.files.next()).toBe(undefined);
    tree.files.begin();
  }
  expect(tree.scans).toBe(1);
});

test('what the tree holds as a whole decides whether there can be room', async () => {
  const tree = new Tree({ names: LETTERS, count: 2 });
  expect(await tree.files.canFree({ bytes: 160, entries: 16 })).toBe(true);
  expect(await tree.files.canFree({ bytes: 161, entries: 0 })).toBe(false);
  expect(await tree.files.canFree({ bytes: 0, entries: 17 })).toBe(false);
});
