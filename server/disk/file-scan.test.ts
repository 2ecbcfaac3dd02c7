import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runInSlices } from '../scheduling/slice-clock.ts';
import { scanFiles } from './file-scan.ts';
import { STAGING_DIRECTORY } from './staging-directory.ts';

let top: string;

beforeAll(async () => {
  top = await mkdtemp(join(tmpdir(), 'myftp-scan-'));
  for (const path of ['a/b', 'a/kept', 'ab', 'ü', 'empty', STAGING_DIRECTORY]) {
    mkdirSync(join(top, path), { recursive: true });
  }
  for (const path of ['1', 'a/2', 'a/b/3', 'a/kept/4', 'ab/5', 'ü/ö', `${STAGING_DIRECTORY}/6`]) {
    writeFileSync(join(top, path), 'octets');
  }
  writeFileSync(Buffer.concat([Buffer.from(`${top}/`), Buffer.from([0xff])]), 'octets');
  symlinkSync('1', join(top, 'link'));
  symlinkSync('a', join(top, 'linked directory'));
});
afterAll(() => rm(top, { recursive: true }));

async function scan(excluded: readonly string[]) {
  const [files, empty]: [string[], string[]] = [[], []];
  const slices = scanFiles({
    ...{ topPath: top, excluded },
    onFile: ({ path }) => void files.push(path),
    onEmptyDirectory: (path) => void empty.push(path),
  });
  await runInSlices(slices);
  return { files: files.sort(), empty };
}

test('finds plain files by paths that a client can name, and no target of a link', async () => {
  const files = ['1', 'a/2', 'a/b/3', 'a/kept/4', 'ab/5', 'ü/ö'];
  expect(await scan([])).toEqual({ files, empty: ['empty'] });
});

test('leaves out directories with everything below them, and no others of similar names', async () => {
  expect(await scan(['a/kept', 'ü'])).toMatchObject({ files: ['1', 'a/2', 'a/b/3', 'ab/5'] });
  expect(await scan(['a', 'empty'])).toEqual({ files: ['1', 'ab/5', 'ü/ö'], empty: [] });
});
