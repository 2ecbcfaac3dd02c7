import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { mkdir, mkdtemp, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { runInSlices } from '../scheduling/slice-clock.ts';
import { longestPathHere } from './longest-path.ts';
import { TreeMemo, treeSize } from './tree-size.ts';
import { walkTree } from './tree-walk.ts';

const NOTHING_UNREAD = { count: 0, named: [] };
const LEVELS = 1000;

let top: string;

beforeEach(async () => {
  top = await mkdtemp(join(tmpdir(), 'myftp-tree-'));
});
// Unlike Node, it goes as deep as there is anything.
afterEach(() => void execFileSync('rm', ['-rf', top]));

const measure = (memo?: TreeMemo) => runInSlices(treeSize(top, memo));
const openFiles = () => readdirSync('/proc/self/fd').length;

/** Makes a chain of directories with a file of one byte in each; only relative paths get so deep. */
function digChain(name: string, levels: number): void {
  const script = `
    process.chdir(${JSON.stringify(top)});
    for (let level = 0; level < ${levels}; level += 1) {
      fs.mkdirSync(${JSON.stringify(name)});
      process.chdir(${JSON.stringify(name)});
      fs.writeFileSync('f', 'x');
    }`;
  execFileSync(process.execPath, ['-e', script]);
}

describe('the size of a tree', () => {
  test('is the whole size however deep it is, with few descriptors', async () => {
    digChain('d'.repeat(20), LEVELS);
    await writeFile(join(top, 'last'), 'xx');
    const before = openFiles();
    let most = 0;
    const slices = treeSize(top);
    let slice = slices.next();
    for (; slice.done !== true; slice = slices.next()) most = Math.max(most, openFiles());
    expect(slice.value).toEqual({
      sizeBytes: LEVELS + 2,
      entries: 2 * LEVELS + 1,
      unread: NOTHING_UNREAD,
    });
    expect(most).toBeLessThan(before + 50);
    expect(openFiles()).toBe(before);
  });

  test('includes what lies beside the way down at every level', async () => {
    digChain('d', 100);
    let path = top;
    for (let level = 0; level < 100; level += 1) {
      for (const sibling of ['a', 'z']) {
        await mkdir(join(path, sibling));
        await writeFile(join(path, sibling, 'f'), 'xxx');
      }
      path = join(path, 'd');
    }
    expect((await measure()).sizeBytes).toBe(100 + 100 * 2 * 3);
  });

  test('goes on past a directory that has been moved elsewhere meanwhile, and says so', async () => {
    digChain('d', 100);
    await mkdir(join(top, 'other'));
    await writeFile(join(top, 'other', 'f'), 'x'.repeat(500));
    const outside = await mkdtemp(join(tmpdir(), 'myftp-tree-'));
    const deep = join(top, ...Array<string>(10).fill('d'));
    let visited = 0;
    let sawOther = false;
    const unread = await runInSlices(
      walkTree(top, function* ({ descriptor, pathBytes }) {
        visited += 1;
        if (pathBytes === 160) renameSync(deep, join(outside, 'moved'));
        const names = readdirSync(`/proc/self/fd/${descriptor}`, { withFileTypes: true });
        sawOther ||= names.some(({ name }) => name === 'f') && pathBytes === 6;
        yield undefined;
        // The other one is visited after the way down: the last name goes first.
        return names
          .filter((one) => one.isDirectory())
          .map(({ name }) => name)
          .sort()
          .reverse();
      }),
    );
    expect(visited).toBe(102);
    expect(sawOther).toBe(true);
    expect(unread.count).toBe(1);
    expect(unread.named[0]?.code).toBe('ESTALE');
    execFileSync('rm', ['-rf', outside]);
  });

  test('names what it could not read, and counts the rest', async () => {
    await writeFile(join(top, 'f'), 'xx');
    await mkdir(join(top, 'd'));
    const unread = await runInSlices(
      walkTree(top, function* ({ pathBytes, onUnread }) {
        yield undefined;
        if (pathBytes > 0) onUnread(Object.assign(new Error('no'), { code: 'EIO' }));
        return pathBytes > 0 ? [] : ['d', 'gone'];
      }),
    );
    expect(unread).toEqual({ count: 1, named: [{ path: '/d', code: 'EIO' }] });
  });

  test('ends, rather than count less, when the process has no descriptors left', async () => {
    const walk = walkTree(top, function* ({ onUnread }) {
      yield undefined;
      onUnread(Object.assign(new Error('too many'), { code: 'EMFILE' }));
      return [];
    });
    const before = openFiles();
    await expect(runInSlices(walk)).rejects.toThrow('too many');
    expect(openFiles()).toBe(before);
  });

  test('does not follow links', async () => {
    await writeFile(join(top, 'f'), 'x'.repeat(10));
    await symlink(top, join(top, 'circle'));
    await symlink('f', join(top, 'link'));
    expect((await measure()).sizeBytes).toBe(10);
  });
});

describe('a second measurement with a memo', () => {
  async function age(...names: string[]): Promise<void> {
    // The change time cannot be set, so the clock of the test goes ahead.
    for (const name of names) await utimes(join(top, name), 1000, 1000);
    jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
  }
  afterEach(() => void jest.restoreAllMocks());

  test('reads what has changed since, and nothing else', async () => {
    for (const name of ['d', 'e']) {
      await mkdir(join(top, name));
      await writeFile(join(top, name, 'f'), 'xx');
    }
    await age('d', 'e');
    const memo = new TreeMemo();
    expect((await measure(memo)).sizeBytes).toBe(4);
    // A change inside a file is not seen, which shows that the directory was not read again.
    await writeFile(join(top, 'd', 'f'), 'xxxx');
    await writeFile(join(top, 'e', 'g'), 'x');
    expect((await measure(memo)).sizeBytes).toBe(5);
    memo.forget();
    expect((await measure(memo)).sizeBytes).toBe(7);
  });

  test('reads a directory again that had changed just before the first', async () => {
    await mkdir(join(top, 'd'));
    await writeFile(join(top, 'd', 'f'), 'xx');
    const memo = new TreeMemo();
    await measure(memo);
    await writeFile(join(top, 'd', 'f'), 'xxxx');
    expect((await measure(memo)).sizeBytes).toBe(4);
  });
});

describe('the longest path', () => {
  test('counts bytes from the directory on', async () => {
    mkdirSync(join(top, 'd', 'ü'), { recursive: true });
    await writeFile(join(top, 'd', 'ü', 'file'), '');
    await writeFile(join(top, 'd', 'x'.repeat(5)), '');
    expect(await longestPathHere(top)).toBe('/d/ü/file'.length + 1);
  });

  test('is 0 for an empty directory and for a file', async () => {
    expect(await longestPathHere(top)).toBe(0);
    await writeFile(join(top, 'f'), '');
    expect(await longestPathHere(join(top, 'f'))).toBe(0);
  });

  test('is found below the longest path of the system, too', async () => {
    digChain('d'.repeat(99), 60);
    expect(await longestPathHere(top)).toBe(6002);
  });
});
