import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Entry } from '../files/place.ts';
import { isSendableName } from './disk-name.ts';
import { LocalPlace } from './local-place.ts';

const place = new LocalPlace();
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'myftp-local-'));
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function batchesOf(path: string): Promise<(readonly Entry[])[]> {
  const batches: (readonly Entry[])[] = [];
  for await (const batch of place.list(path)) batches.push(batch);
  return batches;
}

async function listAll(path: string): Promise<Entry[]> {
  return (await batchesOf(path)).flat();
}

test('a link is removed, and what it leads to stays', async () => {
  await mkdir(join(root, 'kept'));
  await writeFile(join(root, 'kept/file'), 'x');
  await symlink('kept', join(root, 'link'));
  await place.remove(join(root, 'link'));
  expect(await readFile(join(root, 'kept/file'), 'utf8')).toBe('x');
  expect(await place.stat(join(root, 'link'))).toBeUndefined();
});

test('a directory comes in batches with sizes, times, modes and link targets', async () => {
  await Promise.all(Array.from({ length: 600 }, (_, i) => writeFile(join(root, `f${i}`), 'abc')));
  await mkdir(join(root, 'sub'));
  await symlink('nowhere', join(root, 'dangling'));
  await place.setModified(join(root, 'f7'), 1_700_000_000_000);

  const batches = await batchesOf(root);
  const byName = new Map(batches.flat().map((entry) => [entry.name, entry]));

  expect(batches.length).toBeGreaterThan(1);
  expect(byName.size).toBe(602);
  expect(byName.get('f7')).toMatchObject({
    kind: 'file',
    sizeBytes: 3,
    modifiedMs: 1_700_000_000_000,
  });
  expect(byName.get('sub')).toMatchObject({ kind: 'directory', sizeBytes: undefined });
  expect(byName.get('dangling')).toMatchObject({ kind: 'link', linkTarget: 'nowhere' });
});

test('a name that is not UTF-8 is listed, and leads back to the same file', async () => {
  const octets = Buffer.concat([
    Buffer.from(`${root}/caf`),
    Buffer.of(0xe9, 0xff),
    Buffer.from('é'),
  ]);
  await writeFile(octets, 'octets');
  await writeFile(join(root, 'plain é 日 📷'), '');

  const entries = await listAll(root);
  const odd = entries.find(({ name }) => !isSendableName(name));

  expect(entries).toHaveLength(2);
  expect(odd?.name).toBe('caf\udce9\udcffé');
  const path = `${root}/${odd?.name}`;
  expect(await place.stat(path)).toMatchObject({ sizeBytes: 6 });
  await place.rename(path, join(root, 'renamed'));
  expect(await readFile(join(root, 'renamed'), 'utf8')).toBe('octets');
});

test('a name with a line end is listed, and known as one that no server takes', async () => {
  await writeFile(join(root, 'a\nb'), '');
  expect(await listAll(root)).toMatchObject([{ name: 'a\nb', kind: 'file' }]);
  expect(isSendableName('a\nb')).toBe(false);
});

test('what has no name is undefined, and what cannot be read is a failure without a stack', async () => {
  await writeFile(join(root, 'file'), '');
  expect(await place.stat(join(root, 'none'))).toBeUndefined();
  expect(await place.stat(join(root, 'file', 'below'))).toBeUndefined();
  await expect(listAll(join(root, 'none'))).rejects.toMatchObject({
    name: 'Failure',
    kind: 'missing',
    message: `${root}/none: no such file or directory.`,
  });
  await expect(place.makeDirectory(join(root, 'file'))).rejects.toMatchObject({ kind: 'exists' });
});

test('directories are made with their parents, twice if wanted', async () => {
  await place.makeDirectory(join(root, 'a/b/c'));
  await place.makeDirectory(join(root, 'a/b/c'));
  expect((await stat(join(root, 'a/b/c'))).isDirectory()).toBe(true);
});

test('a tree is removed with its links, but not what they lead to', async () => {
  const kept = join(root, 'kept');
  await mkdir(join(root, 'tree/deep/deeper'), { recursive: true });
  await mkdir(kept);
  await writeFile(join(kept, 'precious'), 'x');
  await writeFile(join(root, 'tree/deep/deeper/a\nb'), '');
  await symlink(kept, join(root, 'tree/link'));
  const counts: number[] = [];

  await place.remove(join(root, 'tree'), { onRemoved: (count) => counts.push(count) });

  expect(await place.stat(join(root, 'tree'))).toBeUndefined();
  expect(await readFile(join(kept, 'precious'), 'utf8')).toBe('x');
  expect(counts).toEqual([1, 2, 3, 4, 5]);
});

test('removing stops when it is told to', async () => {
  await mkdir(join(root, 'tree'));
  await Promise.all(Array.from({ length: 300 }, (_, i) => writeFile(join(root, `tree/${i}`), '')));
  const controller = new AbortController();
  const stopped = place.remove(join(root, 'tree'), {
    signal: controller.signal,
    onRemoved: () => controller.abort(new Error('enough')),
  });
  await expect(stopped).rejects.toThrow('enough');
  expect((await listAll(join(root, 'tree'))).length).toBeGreaterThan(100);
});

test.each([
  ['SHA-256', createHash('sha256').update('a'.repeat(1_000_000)).digest('hex')],
  ['CRC32', 'dc25bfbc'],
] as const)('%s of a file is right', async (algorithm, hex) => {
  await writeFile(join(root, 'file'), 'a'.repeat(1_000_000));
  expect(await place.digest(join(root, 'file'), algorithm)).toBe(hex);
});

test('free space is told for a path that is not there yet', async () => {
  expect(await place.freeBytes(join(root, 'not/yet'))).toBeGreaterThan(0);
});
