import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chunksOf } from '../remote/testing/test-site.ts';
import { FieldServer } from '../testing/field-server.ts';
import type { Mood } from '../testing/mood.ts';
import type { ConflictPolicy } from './queue/job.ts';
import { SiteQueue } from './testing/site-queue.ts';

let here: string;
let server: FieldServer;
let site: SiteQueue;

beforeEach(async () => {
  here = await mkdtemp(join(tmpdir(), 'myftp-folded-'));
});

afterEach(async () => {
  await site?.close();
  await server?.close();
  await rm(here, { recursive: true, force: true });
});

async function start(mood: Mood): Promise<void> {
  server = await FieldServer.start(mood);
  site = await SiteQueue.open(server.port);
}

/** Files whose content is their path. */
async function writeAll(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(join(here, dirname(path)), { recursive: true });
    await writeFile(join(here, path), path);
  }
}

/** Uploads everything to /there. Gives the messages of what has failed. */
async function upload(policy: ConflictPolicy): Promise<readonly (string | undefined)[]> {
  const { queue } = site;
  queue.add([{ direction: 'upload', kind: 'directory', policy, from: here, to: '/there' }]);
  await queue.idle();
  return queue
    .snapshot()
    .jobs.flatMap(({ state, error }) => (state === 'failed' ? [error?.message] : []));
}

const IGNORING_CASE: Mood = { keptAs: (name) => name.toLowerCase() };

describe('a server that ignores case', () => {
  test.each(['overwrite', 'keep-both', 'skip'] as const)(
    'gets one of two files that would become one, and the other has failed (%s)',
    async (policy) => {
      await start(IGNORING_CASE);
      await writeAll(['A.txt', 'a.txt', 'b.txt']);
      expect(await upload(policy)).toEqual([expect.stringContaining('Rename one of them.')]);
      const [kept = ''] = server.tree.namesIn('/there');
      expect(server.tree.text('/there/a.txt')).toBe(kept);
      expect(server.tree.text('/there/b.txt')).toBe('b.txt');
    },
  );

  test('gets one of two files also if it gives that one the name of the other', async () => {
    await start(IGNORING_CASE);
    server.tree.put('/there/a.txt', 'what was here');
    await writeAll(['A.txt', 'a.txt']);
    expect(await upload('overwrite')).toEqual([expect.stringContaining('Rename one of them.')]);
    expect(server.tree.text('/there/a.txt')).toBe('A.txt');
  });

  test('gets one of two directories that would become one', async () => {
    await start(IGNORING_CASE);
    await writeAll(['Sub/file', 'sub/file', 'sub/more']);
    expect(await upload('overwrite')).toEqual([expect.stringContaining('Rename one of them.')]);
    expect(server.tree.namesIn('/there')).toEqual(['Sub']);
    expect(server.tree.text('/there/sub/file')).toBe('Sub/file');
  });

  test('keeps a file whose name differs in case, unless it is to be overwritten', async () => {
    await start(IGNORING_CASE);
    server.tree.put('/there/readme', 'what was here');
    await writeAll(['README']);
    expect(await upload('skip')).toEqual([]);
    expect(server.tree.text('/there/readme')).toBe('what was here');
    expect(await upload('overwrite')).toEqual([]);
    expect(server.tree.text('/there/readme')).toBe('README');
  });
});

test('a server that tells names apart gets all, also of a second run', async () => {
  await start({});
  await writeAll(['A.txt', 'a.txt', 'Sub/file', 'sub/file']);
  expect(await upload('overwrite')).toEqual([]);
  expect(await upload('overwrite')).toEqual([]);
  expect(server.tree.namesIn('/there')).toEqual(['A.txt', 'Sub', 'a.txt', 'sub']);
  for (const path of ['A.txt', 'a.txt', 'Sub/file', 'sub/file'])
    expect(server.tree.text(`/there/${path}`)).toBe(path);
});

test('a blank at the end of a name, which Pure-FTPd replaces, costs no other file', async () => {
  await start({});
  server.tree.put('/name_', 'what was here');
  server.tree.put('/other', 'other');
  const source = chunksOf(Buffer.from('new'));
  await expect(site.session.upload('/name ', { source })).rejects.toThrow('/name_, which exists');
  await expect(site.session.place.rename('/other', '/name ')).rejects.toThrow(
    '/name_, which exists',
  );
  expect(server.lines.filter((line) => /^(STOR|RNTO)/.test(line))).toEqual([]);
});
