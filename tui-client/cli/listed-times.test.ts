import { utimes } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Outcome } from '../../tests/clients/program.ts';
import { FieldServer } from '../testing/field-server.ts';
import type { Mood } from '../testing/mood.ts';
import { aheadOfUtc, WITHOUT_MDTM } from '../testing/moods.ts';
import { ClientProgram, jsonLines } from './testing/client-program.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Some days ago, at 45 seconds after a minute. */
const CHANGED_MS = Math.floor(Date.now() / MINUTE_MS - 10_000) * MINUTE_MS + 45_000;

let client: ClientProgram;
let server: FieldServer;

beforeAll(async () => {
  client = await ClientProgram.prepare();
});
afterAll(() => client?.dispose());
afterEach(() => server?.close());

async function start(mood: Mood): Promise<void> {
  server = await FieldServer.start(mood);
  server.tree.put('/dir/file', 'content', CHANGED_MS);
}

async function run(...args: readonly string[]): Promise<Outcome> {
  const all = [...args, '--plain', '--password-stdin'];
  const outcome = await client.run(all, { input: 'secret' });
  expect(outcome).toMatchObject({ code: 0 });
  return outcome;
}

const minute = (ms: number) => new Date(Math.floor(ms / MINUTE_MS) * MINUTE_MS).toISOString();

const modificationTimes = () => server.lines.filter((line) => line.startsWith('MDTM'));

test.each([0, 2 * 60, -(3 * 60 + 30), 12 * 60 + 45])(
  'a listing that is %i minutes ahead of UTC is corrected by one MDTM',
  async (minutes) => {
    await start(aheadOfUtc(minutes));
    server.tree.put('/dir/sub/other', 'content', CHANGED_MS - HOUR_MS);
    const listed = jsonLines(await run('ls', '-r', '--json', server.url('/dir')));
    const entries = listed.filter(({ kind }) => kind === 'file');
    expect(entries).toMatchObject([
      { name: 'file', modifiedAbout: minute(CHANGED_MS), modifiedPrecision: 'minute' },
      { name: 'other', modifiedAbout: minute(CHANGED_MS - HOUR_MS), modifiedPrecision: 'minute' },
    ]);
    expect(entries[0]).not.toHaveProperty('modified');
    expect(modificationTimes()).toEqual(['MDTM /dir/file']);
    const { stdout } = await run('ls', '-l', server.url('/dir/'));
    expect(stdout).toContain(minute(CHANGED_MS).slice(0, 16).replace('T', '~'));
  },
);

test('a site can say how far its times are ahead where MDTM is missing', async () => {
  const { list } = aheadOfUtc(120);
  await start({ ...WITHOUT_MDTM, ...(list && { list }) });
  await client.run(['sites', 'add', 'far', server.url('/'), '--plain', '--time-offset', '+02:00']);
  const [listed] = jsonLines(await run('ls', '--json', 'far:dir'));
  expect(listed).toMatchObject({ modifiedAbout: minute(CHANGED_MS) });
});

test('a wrong offset is refused', async () => {
  const args = ['sites', 'add', 'wrong', 'ftp://anna@127.0.0.1/', '--time-offset', '2pm'];
  expect(await client.run(args)).toMatchObject({ code: 64 });
});

test('a mirror asks for the times only of files that the listing leaves open', async () => {
  await start({});
  server.tree.put('/dir/same', 'content', CHANGED_MS);
  server.tree.put('/dir/edited', 'content', CHANGED_MS + 5000);
  server.tree.put('/dir/old', 'content', CHANGED_MS - 90 * 24 * HOUR_MS);
  for (const name of ['same', 'edited', 'old']) {
    const path = await client.write(`down/${name}`, 'CONTENT');
    await utimes(path, CHANGED_MS / 1000, CHANGED_MS / 1000);
  }
  await run('mirror', server.url('/dir'), 'down', '--dry-run');
  // The first is for the time zone.
  expect(modificationTimes().slice(1).sort()).toEqual(['MDTM /dir/edited', 'MDTM /dir/same']);
  await run('mirror', server.url('/dir'), 'down');
  expect((await client.read('down/same')).toString()).toBe('CONTENT');
  expect((await client.read('down/edited')).toString()).toBe('content');
  expect((await client.read('down/old')).toString()).toBe('content');
});

test('without MDTM a time that may be equal is not', async () => {
  await start(WITHOUT_MDTM);
  const path = await client.write('unsure/file', 'CONTENT');
  await utimes(path, CHANGED_MS / 1000, CHANGED_MS / 1000);
  await run('mirror', server.url('/dir'), 'unsure');
  expect((await client.read('unsure/file')).toString()).toBe('content');
});

test('without MDTM --newer replaces what is surely older, and nothing else', async () => {
  await start(WITHOUT_MDTM);
  server.tree.put('/dir/ancient', 'content', CHANGED_MS - 90 * 24 * HOUR_MS);
  for (const name of ['file', 'ancient']) {
    const path = await client.write(`newer/${name}`, 'CONTENT');
    await utimes(path, CHANGED_MS / 1000 + 60, CHANGED_MS / 1000 + 60);
  }
  await run('put', '-r', '--newer', 'newer/', server.url('/dir/'));
  expect(server.tree.text('/dir/file')).toBe('content');
  expect(server.tree.text('/dir/ancient')).toBe('CONTENT');
});

test('with MDTM --newer goes by the second', async () => {
  await start({});
  const path = await client.write('file', 'CONTENT');
  await utimes(path, CHANGED_MS / 1000 + 5, CHANGED_MS / 1000 + 5);
  await run('put', '--newer', 'file', server.url('/dir/'));
  expect(server.tree.text('/dir/file')).toBe('CONTENT');
});
