import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { SMALL_FILE_BYTES, SmallPart } from './small-part.ts';

const FACTS = { modifiedMs: 1_600_000_000_000, mode: 0o640 };

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'myftp-small-part-'));
});

afterEach(() => rm(directory, { recursive: true }));

test('nothing is on disk before all is, with its time and mode', async () => {
  const part = await filled('f', 'hello');
  expect(await readdir(directory)).toEqual([]);
  await part.publish(FACTS);
  expect(await readdir(directory)).toEqual(['f']);
  expect(await readFile(part.target, 'utf8')).toBe('hello');
  const { mtimeMs, mode } = await stat(part.target);
  expect({ mtimeMs, mode: mode & 0o777 }).toEqual({ mtimeMs: FACTS.modifiedMs, mode: FACTS.mode });
});

test('a directory that is missing is made', async () => {
  const part = await filled('below/f', 'hello');
  await part.publish(FACTS);
  expect(await readdir(join(directory, 'below'))).toEqual(['f']);
});

test('a link at the name of the part is neither followed nor removed', async () => {
  await writeFile(join(directory, 'other'), 'of another');
  await symlink(join(directory, 'other'), join(directory, 'f.part'));
  const part = await filled('f', 'hello');
  await part.publish(FACTS);
  expect(await readFile(join(directory, 'other'), 'utf8')).toBe('of another');
  expect((await lstat(join(directory, 'f.part'))).isSymbolicLink()).toBe(true);
  expect(await readFile(join(directory, 'f'), 'utf8')).toBe('hello');
});

test('more than is small goes to disk while it comes', async () => {
  const part = await filled('f', 'x'.repeat(SMALL_FILE_BYTES), 'y');
  expect(part.sizeBytes).toBe(SMALL_FILE_BYTES + 1);
  expect(await readdir(directory)).toEqual(['f.part']);
  await part.publish(FACTS);
  await part.close();
  expect((await readFile(part.target, 'utf8')).slice(-2)).toBe('xy');
});

test('what has come of one that fails is kept, with the time of its source', async () => {
  const part = await filled('f', 'hel');
  await part.keep(FACTS);
  await part.close();
  expect(await readFile(join(directory, 'f.part'), 'utf8')).toBe('hel');
  expect((await stat(join(directory, 'f.part'))).mtimeMs).toBe(FACTS.modifiedMs);
});

test('a target that cannot be replaced is a failure, and nothing is left of it', async () => {
  await mkdir(join(directory, 'd'));
  const part = await filled('d', 'hello');
  await expect(part.publish(FACTS)).rejects.toThrow();
  expect(await readdir(directory)).toEqual(['d']);
});

async function filled(name: string, ...texts: readonly string[]): Promise<SmallPart> {
  const part = new SmallPart(`${directory}/${name}`);
  for (const text of texts) await part.append(Buffer.from(text));
  return part;
}
