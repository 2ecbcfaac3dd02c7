import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Partial } from '../../db/partial-repository.ts';
import { sweepStaging } from './staging-sweep.ts';
import { KEEP_UNKNOWN_DAYS, UnknownUploads } from './unknown-uploads.ts';

describe('sweepStaging', () => {
  let stagingDir: string;
  let unknown: UnknownUploads;
  let rows: Partial[];
  let errors: unknown[];
  let pages: number[];

  beforeEach(async () => {
    stagingDir = await mkdtemp(join(tmpdir(), 'myftp-staging-'));
    unknown = new UnknownUploads(stagingDir);
    rows = [];
    errors = [];
    pages = [];
  });
  afterEach(() => rm(stagingDir, { recursive: true }));

  async function put(path: string, content = '0123'): Promise<void> {
    await mkdir(dirname(join(stagingDir, path)), { recursive: true });
    await writeFile(join(stagingDir, path), content);
  }

  function row(id: string, accountId = 7): Partial {
    const times = { createdAtMs: 1, cutAtMs: 2 };
    return {
      id,
      accountId,
      path: `/${id}`,
      ...times,
      held: 'nothing',
      beginNumber: 1,
      makesWay: false,
    };
  }

  const partials = {
    async listPage({ afterId, limit }: { afterId: string; limit: number }) {
      const page = rows
        .filter(({ id }) => id > afterId)
        .sort((one, other) => (one.id < other.id ? -1 : 1))
        .slice(0, limit);
      pages.push(page.length);
      return page;
    },
    async removeAll(ids: readonly string[]) {
      rows = rows.filter(({ id }) => !ids.includes(id));
    },
  };

  const sweep = (living = new Set<string>()) =>
    sweepStaging({
      ...{ stagingDir, partials, unknown, living, memberId: 'heir' },
      onError: (error) => errors.push(error),
    });
  const files = async (path: string) =>
    (await readdir(join(stagingDir, path)).catch(() => [])).sort();

  test('rows and files that agree are in order', async () => {
    await put('7/a');
    await put('8/b');
    rows = [row('a'), row('b', 8)];
    const { mended, known } = await sweep();
    expect([...mended]).toEqual([]);
    expect(
      [...known].map(([id, ofAccount]) => [id, ofAccount.map(({ diskPath }) => diskPath)]),
    ).toEqual([
      [7, [join(stagingDir, '7/a')]],
      [8, [join(stagingDir, '8/b')]],
    ]);
  });

  test('a row without a file goes', async () => {
    await put('7/a');
    rows = [row('a'), row('b')];
    expect([...(await sweep()).mended]).toEqual([7]);
    expect(rows).toEqual([row('a')]);
  });

  test('files that no row knows are put aside, out of the directories of accounts, and stay there', async () => {
    await put('7/a');
    await put('8/b', 'of a lost database');
    rows = [row('a')];
    expect([...(await sweep()).mended]).toEqual([8]);
    expect([...(await sweep()).mended]).toEqual([]);
    expect([await files('7'), await files('8')]).toEqual([['a'], []]);
    expect(await readFile(join(unknown.directory, '8/b'), 'utf8')).toBe('of a lost database');
    expect(await unknown.measure()).toEqual({ files: 1, bytes: 18 });
    expect(errors).toEqual([]);
  });

  test('files that were put aside come back with the database that knows them', async () => {
    await put('7/a', 'what has come');
    await sweep();
    rows = [row('a')];
    const { mended, known } = await sweep();
    expect([[...mended], known.get(7)?.length]).toEqual([[7], 1]);
    expect(await readFile(join(stagingDir, '7/a'), 'utf8')).toBe('what has come');
    expect([...(await sweep()).mended]).toEqual([]);
  });

  test('what lies beside the directories of accounts is not touched', async () => {
    await put('lock');
    await put('a backup/7/a');
    expect([...(await sweep()).mended]).toEqual([]);
    expect(await files('.')).toEqual(['a backup', 'lock']);
  });

  test('uploads of a dead member become partials if they have a row, and are put aside if not', async () => {
    await put('7/kept');
    await put('7/member-one/announced', 'what has come');
    await put('7/member-one/other');
    await mkdir(join(stagingDir, '8/member-one'), { recursive: true });
    rows = [row('announced'), row('kept')];
    const { mended, known } = await sweep();
    expect(await files('7')).toEqual(['announced', 'kept', 'member-heir']);
    expect(await files('8')).toEqual(['member-heir']);
    expect(await readFile(join(stagingDir, '7/announced'), 'utf8')).toBe('what has come');
    expect(await readdir(join(unknown.directory, '7'))).toEqual(['other']);
    expect([[...mended], known.get(7)?.length]).toEqual([[7], 2]);
  });

  test('a burial that was cut short is completed, and so is that of a member that has come back', async () => {
    await put('7/dead-one/a');
    await put('7/member-one/b');
    await put('7/member-two/c');
    await put('7/d');
    rows = ['a', 'b', 'c', 'd'].map((id) => row(id));
    expect([...(await sweep()).mended]).toEqual([]);
    expect(await files('7')).toEqual(['a', 'b', 'c', 'd', 'member-heir']);
    expect([...(await sweep()).mended]).toEqual([]);
    expect(rows).toHaveLength(4);
  });

  test('appends that a dead member had under way are taken back', async () => {
    await put('7/member-one/a');
    await put('7/member-one/a.append', '{"file":"gone","ino":1,"sizeBytes":1}');
    await put('7/member-one/b.copy');
    await mkdir(join(stagingDir, '7/member-one/c.directory'));
    rows = [row('a')];
    await sweep();
    expect(await files('7')).toEqual(['a', 'member-heir']);
    expect(await unknown.measure()).toEqual({ files: 0, bytes: 0 });
  });

  test('uploads of a member that lives are left alone, with their rows', async () => {
    await put('7/member-one/announced');
    await put('7/member-one/announced.copy');
    await put('7/member-one/other');
    rows = [row('announced')];
    const { mended, known } = await sweep(new Set(['one']));
    expect([[...mended], [...known]]).toEqual([[], []]);
    expect(await files('7/member-one')).toEqual(['announced', 'announced.copy', 'other']);
    expect(rows).toEqual([row('announced')]);
  });

  test('a burial beside uploads of the member that does it leaves these alone', async () => {
    await put('7/member-heir/running');
    await put('7/member-one/a');
    rows = ['a', 'running'].map((id) => row(id));
    expect([...(await sweep()).mended]).toEqual([]);
    expect(await files('7')).toEqual(['a', 'member-heir']);
    expect(await files('7/member-heir')).toEqual(['running']);
    expect(rows).toHaveLength(2);
  });

  test('the copy of an append is known to be nothing, and goes', async () => {
    await put('7/a.copy');
    await sweep();
    expect([await files('7'), await unknown.measure()]).toEqual([[], { files: 0, bytes: 0 }]);
  });

  test('the note of an append that cannot be followed stays, and is told', async () => {
    await put('7/a.append', JSON.stringify({ file: 'x'.repeat(300), ino: 1, sizeBytes: 1 }));
    await sweep();
    expect(await files('7')).toEqual(['a.append']);
    expect(errors).toMatchObject([{ code: 'ENAMETOOLONG' }]);
  });

  test('rows are read in pages, and no file of a row is looked at', async () => {
    await mkdir(join(stagingDir, '7'));
    const ids = Array.from({ length: 4500 }, (_, index) => `id ${index}`);
    for (const id of ids) await put(`7/${id}`, '');
    rows = ids.map((id) => row(id));
    const { known } = await sweep();
    expect(known.get(7)).toHaveLength(4500);
    expect(pages).toEqual([2000, 2000, 500, 0]);
    // The change time of the file would be later.
    expect(known.get(7)?.every(({ cutAtMs }) => cutAtMs === 2)).toBe(true);
  });
});

describe('unknown uploads', () => {
  const DAY_MS = 24 * 60 * 60 * 1000;
  let stagingDir: string;
  let unknown: UnknownUploads;

  beforeEach(async () => {
    stagingDir = await mkdtemp(join(tmpdir(), 'myftp-staging-'));
    unknown = new UnknownUploads(stagingDir);
    await mkdir(join(stagingDir, '7'));
    await writeFile(join(stagingDir, '7/a'), '0123');
    await unknown.putAside('7', 'a');
  });
  afterEach(() => rm(stagingDir, { recursive: true }));

  const none = { files: 0, bytes: 0 };

  test('stay until they are old', async () => {
    const almostOldMs = Date.now() + KEEP_UNKNOWN_DAYS * DAY_MS - 60_000;
    for (let look = 0; look < 3; look += 1)
      expect(await unknown.removeOld(almostOldMs)).toEqual(none);
    expect(await unknown.measure()).toEqual({ files: 1, bytes: 4 });
  });

  test('go when two looks in a row have found them old', async () => {
    const oldMs = Date.now() + KEEP_UNKNOWN_DAYS * DAY_MS + 1;
    expect(await unknown.removeOld(oldMs)).toEqual(none);
    expect(await unknown.removeOld(oldMs)).toEqual({ files: 1, bytes: 4 });
    expect(await unknown.measure()).toEqual(none);
  });

  test('stay after a clock that was ahead at one look', async () => {
    const oldMs = Date.now() + KEEP_UNKNOWN_DAYS * DAY_MS + 1;
    await unknown.removeOld(oldMs);
    await unknown.removeOld(Date.now());
    expect(await unknown.removeOld(oldMs)).toEqual(none);
  });
});
