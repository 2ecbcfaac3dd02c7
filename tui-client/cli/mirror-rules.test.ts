import { readdir, utimes } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Outcome } from '../../tests/clients/program.ts';
import { FieldServer } from '../testing/field-server.ts';
import type { Mood } from '../testing/mood.ts';
import { ClientProgram } from './testing/client-program.ts';

let client: ClientProgram;
let server: FieldServer;
/** Of this test. */
let here: string;
let tests = 0;

beforeAll(async () => {
  client = await ClientProgram.prepare();
});
afterAll(() => client?.dispose());
beforeEach(() => {
  tests += 1;
  here = `here-${tests}`;
});
afterEach(() => server?.close());

async function start(names: readonly string[], mood: Mood = {}): Promise<void> {
  server = await FieldServer.start(mood);
  server.tree.makeDirectory('/there');
  for (const name of names) server.tree.put(`/there/${name}`, name);
}

function run(...args: readonly string[]): Promise<Outcome> {
  return client.run([...args, '--plain', '--password-stdin'], { input: 'secret' });
}

const down = (...options: readonly string[]) =>
  run('mirror', ...options, server.url('/there'), here);
const up = (...options: readonly string[]) => run('mirror', ...options, here, server.url('/there'));

async function writeAll(names: readonly string[]): Promise<void> {
  await client.write(`${here}/.keep`, '');
  for (const name of names) await client.write(`${here}/${name}`, name);
}

const twelve = Array.from({ length: 12 }, (_, index) => `old-${index}`);

describe('a mirror that would delete', () => {
  test('everything, because the source is empty, stops unless it is told so', async () => {
    await start([]);
    await writeAll(['a']);
    const refused = await down('--delete');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('--delete-all') });
    expect(await readdir(client.path(here))).toEqual(['.keep', 'a']);
    expect(await down('--delete-all')).toMatchObject({ code: 0 });
    expect(await readdir(client.path(here))).toEqual([]);
  });

  test('more than half of many stops before it changes anything', async () => {
    await start(['new']);
    await writeAll(twelve);
    const refused = await down('--delete');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('13 of 13 entries') });
    expect(await readdir(client.path(here))).toHaveLength(13);
    expect(await down('--delete', '--max-delete', '13')).toMatchObject({ code: 0 });
    expect(await readdir(client.path(here))).toEqual(['new']);
  });

  test('more than --max-delete stops, what lies in directories counted', async () => {
    await start(['new']);
    await writeAll(['sub/a', 'sub/b']);
    const refused = await down('--delete', '--max-delete', '3');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('4 entries') });
    expect(await readdir(client.path(here))).toEqual(['.keep', 'sub']);
    const told = await down('--delete', '--max-delete', '3', '--dry-run');
    expect(told).toMatchObject({ code: 1, stdout: expect.stringContaining('would delete') });
  });
});

const unknownUntilSent: NonNullable<Mood['answers']>[string] = (path, control) => {
  if (!path.endsWith('Read.TXT') || server.lines.some((line) => line.startsWith('STOR'))) return;
  control.say('550 No such file.');
  return true;
};

const closed: NonNullable<Mood['answers']>[string] = (path, control) => {
  if (!path.endsWith('/closed')) return undefined;
  control.say('550 Permission denied.');
  return true;
};

const noMdtm: NonNullable<Mood['answers']>[string] = (_, control) => {
  control.say('502 Not here.');
  return true;
};

describe('a server that takes different names for one', () => {
  const folding: Mood = { keptAs: (name) => name.toLowerCase() };

  test.each([
    ['case', 'Read.TXT', 'read.txt', (name: string) => name.toLowerCase()],
    ['Unicode form', 'caf\u00e9', 'cafe\u0301', (name: string) => name.normalize('NFD')],
    ['trailing dots', 'name..', 'name', (name: string) => name.replace(/\.+$/, '')],
    ['characters', 'a:b?', 'a_b_', (name: string) => name.replace(/[:?]/g, '_')],
    ['control characters', 'bell\u0007', 'bell_', (name: string) => name.replace('\u0007', '_')],
  ])('keeps the file that a mirror has sent (%s)', async (_, ours, theirs, keptAs) => {
    await start([theirs, 'other'], { keptAs });
    await client.write(`${here}/${ours}`, 'from here');
    expect(await up('--delete')).toMatchObject({ code: 0 });
    expect(server.tree.namesIn('/there')).toEqual([theirs]);
    expect(server.tree.text(`/there/${theirs}`)).toBe('from here');
  });

  test('is found out even where it does not tell what exists', async () => {
    await start(['read.txt', 'other'], { ...folding, answers: { SIZE: unknownUntilSent } });
    await client.write(`${here}/Read.TXT`, 'from here');
    const outcome = await up('--delete');
    expect(outcome).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('/there/Read.TXT: the target keeps it as read.txt.'),
    });
    expect(server.tree.text('/there/read.txt')).toBe('from here');
    expect(server.tree.namesIn('/there')).toEqual(['other', 'read.txt']);
  });

  test('gets only one of two files that would become one', async () => {
    await start([], folding);
    await writeAll(['A.txt', 'a.txt', 'b.txt']);
    const outcome = await up();
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('another entry') });
    expect(server.tree.namesIn('/there')).toHaveLength(3);
    const sent = server.lines.filter((line) => /^STOR .*a\.txt$/i.test(line));
    expect(sent).toHaveLength(1);
    const kept = server.tree.namesIn('/there').find((name) => /^a/i.test(name));
    expect(server.tree.text('/there/a.txt')).toBe(kept);
  });

  test('gets only one of two directories that would become one', async () => {
    await start([], folding);
    await writeAll(['Sub/file', 'sub/file']);
    const outcome = await up();
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('another entry') });
    const [kept = ''] = server.tree.namesIn('/there').filter((name) => /^sub$/i.test(name));
    expect(server.tree.text(`/there/${kept}/file`)).toBe(`${kept}/file`);
  });

  test('is remembered, and told before anything is sent', async () => {
    await start([], folding);
    await writeAll(['A.txt', 'a.txt']);
    expect((await up('--dry-run')).stderr).not.toContain('taken such names for one');
    await up();
    const kept = await client.read('../home/.local/state/myftp/servers.toml');
    expect(kept.toString()).toContain(`["127.0.0.1:${server.port}"]\nnames = "folded"\n`);
    const { code, stderr } = await up('--dry-run');
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/a\.txt: The server has taken such/i),
    ]);
  });

  test('is remembered of a name that it has in another form', async () => {
    await start(['read.txt'], folding);
    await client.write(`${here}/Read.TXT`, 'from here');
    expect(await up()).toMatchObject({ code: 0 });
    await writeAll(['A.txt', 'a.txt']);
    expect((await up('--dry-run')).stderr).toContain('taken such names for one');
  });

  test('is forgotten of a server that keeps both', async () => {
    await start([]);
    const path = '../home/.local/state/myftp/servers.toml';
    await client.write(path, `["127.0.0.1:${server.port}"]\nnames = "folded"\n`);
    await writeAll(['A.txt', 'a.txt']);
    expect(await up()).toMatchObject({ code: 0 });
    expect((await client.read(path)).toString().trim()).toBe('');
  });

  test('gets both where it does not', async () => {
    await start([]);
    await writeAll(['A.txt', 'a.txt']);
    expect(await up()).toMatchObject({ code: 0 });
    expect(server.tree.namesIn('/there')).toEqual(['.keep', 'A.txt', 'a.txt']);
  });
});

describe('a directory that cannot be read', () => {
  test('there does not stop a mirror: the rest is copied, nothing deleted', async () => {
    await start(['closed/x', 'open/y'], { answers: { CWD: closed } });
    await writeAll(['extra']);
    const outcome = await down('--delete');
    expect(outcome).toMatchObject({ code: 5, stderr: expect.stringContaining('/there/closed') });
    expect((await client.read(`${here}/open/y`)).toString()).toBe('open/y');
    expect((await client.read(`${here}/extra`)).toString()).toBe('extra');
  });

  test('at the target neither', async () => {
    await start(['closed/x', 'extra'], { answers: { CWD: closed } });
    await writeAll(['closed/x', 'open/y']);
    const outcome = await up('--delete');
    expect(outcome).toMatchObject({ code: 5, stderr: expect.stringContaining('/there/closed') });
    expect(server.tree.text('/there/open/y')).toBe('open/y');
    expect(server.tree.text('/there/extra')).toBe('extra');
  });
});

test('names that no server takes are failures, and nothing is deleted', async () => {
  await start(['twin']);
  await writeAll(['fine', 'a\nb']);
  const outcome = await up('--delete');
  expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('line break') });
  expect(server.tree.namesIn('/there')).toEqual(['.keep', 'fine', 'twin']);
});

test('a name that no server takes is a failed file of put -r', async () => {
  await start([]);
  await writeAll(['fine', 'a\rb', 'sub\nx/c']);
  const told = await run('put', '-r', '--dry-run', `${here}/`, server.url('/there'));
  expect(told).toMatchObject({ code: 1, stdout: expect.stringContaining('/fine') });
  const outcome = await run('put', '-r', `${here}/`, server.url('/there'));
  expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('2 failed') });
  expect(server.tree.namesIn('/there')).toEqual(['.keep', 'fine']);
});

describe('a file of one size, whose time the listing does not tell,', () => {
  const AT = new Date(Date.UTC(2026, 2, 2, 14, 11));

  test('is the same if MDTM says so', async () => {
    await start(['file']);
    await client.write(`${here}/file`, 'file');
    await utimes(client.path(`${here}/file`), AT, AT);
    const outcome = await down();
    expect(outcome.stderr).toContain('1 unchanged');
    expect(server.lines.some((line) => line.startsWith('RETR'))).toBe(false);
  });

  test('is not fetched twice', async () => {
    await start(['file', 'sub/file']);
    await writeAll([]);
    expect(await down()).toMatchObject({ code: 0 });
    const again = await down();
    expect(again.stderr).toContain('2 unchanged');
  });

  test.each(['get', 'put'])('is compared by MDTM for %s --newer', async (verb) => {
    await start(['file']);
    await client.write(`${here}/file`, 'elif');
    const paths = [`${here}/file`, server.url('/there/file')];
    const outcome = await run(verb, '--newer', ...(verb === 'put' ? paths : paths.toReversed()));
    expect(outcome).toMatchObject({ code: 0 });
    // What is here is of today.
    expect(server.tree.text('/there/file')).toBe(verb === 'put' ? 'elif' : 'file');
    expect((await client.read(`${here}/file`)).toString()).toBe('elif');
  });

  test('is fetched if MDTM tells another time', async () => {
    await start(['file']);
    await client.write(`${here}/file`, 'elif');
    expect(await down()).toMatchObject({ code: 0 });
    expect((await client.read(`${here}/file`)).toString()).toBe('file');
  });

  test('is fetched if the server knows no MDTM', async () => {
    await start(['file'], { answers: { MDTM: noMdtm } });
    await client.write(`${here}/file`, 'elif');
    expect(await down()).toMatchObject({ code: 0 });
    expect((await client.read(`${here}/file`)).toString()).toBe('file');
  });
});
