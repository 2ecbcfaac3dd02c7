import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { recount } from './quota-recount.ts';

let rootDir: string;

beforeEach(async () => {
  rootDir = await mkdtemp(join(tmpdir(), 'myftp-recount-'));
});

afterEach(() => rm(rootDir, { recursive: true }));

describe('recount', () => {
  const measure = () => recount({ directoryPath: rootDir });

  test('adds up plain files at every depth, hidden ones included', async () => {
    const deep = join(rootDir, ...Array<string>(40).fill('d'));
    await mkdir(deep, { recursive: true });
    const writes = Array.from({ length: 600 }, (_, index) =>
      writeFile(join(rootDir, `f${index}`), 'x'.repeat(index % 7)),
    );
    await Promise.all([...writes, writeFile(join(deep, '.hidden'), 'x'.repeat(1000))]);
    const sumBytes = writes.reduce((sum, _, index) => sum + (index % 7), 0);
    expect(await measure()).toBe(1000 + sumBytes);
  });

  test('does not follow symbolic links', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'myftp-outside-'));
    await writeFile(join(outside, 'big'), 'x'.repeat(5000));
    await symlink(outside, join(rootDir, 'directory'));
    await symlink(join(outside, 'big'), join(rootDir, 'file'));
    await symlink(rootDir, join(rootDir, 'circle'));
    expect(await measure()).toBe(0);
    await rm(outside, { recursive: true });
  });

  test('counts files whose names are no UTF-8, also below such directories', async () => {
    const odd = Buffer.concat([Buffer.from(`${rootDir}/`), Buffer.from([0xe9, 0xff])]);
    await mkdir(odd);
    await writeFile(Buffer.concat([odd, Buffer.from('/'), Buffer.from([0xfe])]), 'xyz');
    expect(await measure()).toBe(3);
  });

  test('a directory that does not exist has nothing in it', async () => {
    expect(await recount({ directoryPath: join(rootDir, 'missing') })).toBe(0);
  });
});
