import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { TestServer } from '../testing/test-server.ts';
import { writtenText } from '../testing/written-text.ts';
import { runCommandLine } from './command-line.ts';

const EVIL_NAME = 'a\u001b[2J\u202eb';

let server: TestServer;
let anna: ControlClient;

beforeAll(async () => {
  server = await TestServer.start();
  anna = await server.signUp();
  await anna.command('MKD photos');
  await anna.store('STOR photos/a.jpg', 'hello');
  await anna.retrieve('RETR photos/a.jpg');
  await anna.store('STOR photos.txt', 'hi');
  await anna.store(`STOR ${EVIL_NAME}`, 'x');
  await anna.command(`SITE EXPECT CRC32 00000000`);
  await anna.store('STOR wrong', 'hello');
  const otto = await server.signUp('otto', 'battery staple');
  await otto.store('STOR 100%_.txt', 'x');
  await (await server.connect()).command('USER anna');
  const stranger = await server.connect();
  await stranger.command('USER anna');
  await stranger.command('PASS wrong horse');
  await stranger.command('SITE SIGNUP anna');
  await allWritten(10);
});
afterAll(() => server.dispose());

/** The server writes events down a moment after they have happened. */
async function allWritten(count: number): Promise<void> {
  const deadline = Date.now() + 30_000;
  while ((await events()).length < count) {
    if (Date.now() > deadline) throw new Error(`not written: ${(await run([])).stdout}`);
  }
}

async function run(args: readonly string[]) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const stdin = new PassThrough();
  const code = await runCommandLine({
    args: ['audit', '--data', server.settings.dataDir, ...args],
    context: {
      environment: {},
      cwd: server.directory,
      stdin,
      stdout,
      stderr,
      signals: new EventEmitter(),
    },
    loadServer: () => Promise.reject(new Error('no server in this test')),
  });
  return { code, stdout: writtenText(stdout), stderr: writtenText(stderr) };
}

async function events(...args: readonly string[]): Promise<Record<string, unknown>[]> {
  const { stdout } = await run(['--json', ...args]);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

const pathsOf = async (...args: readonly string[]) =>
  (await events('--kind', 'transfers', ...args)).map(({ verb, path }) => `${verb} ${path}`);

describe('audit beside a running server', () => {
  test('tells transfers with all that is known, the newest first', async () => {
    const [download, upload] = await events('--path', '/photos');
    expect([upload, download]).toEqual([
      {
        id: expect.any(Number),
        at: expect.stringMatching(/^\d{4}-.*Z$/),
        kind: 'transfer',
        outcome: 'ok',
        username: 'anna',
        address: '127.0.0.1',
        session: expect.any(String),
        verb: 'STOR',
        direction: 'upload',
        path: '/photos/a.jpg',
        offsetBytes: 0,
        movedBytes: 5,
        durationMs: expect.any(Number),
      },
      expect.objectContaining({ verb: 'RETR', direction: 'download', movedBytes: 5 }),
    ]);
    expect(Number(download?.id)).toBeGreaterThan(Number(upload?.id));
  });

  test('a path is that and all below it, and no mere beginning of a name', async () => {
    expect(await pathsOf('--path', '/photos')).toEqual([
      'RETR /photos/a.jpg',
      'STOR /photos/a.jpg',
    ]);
    expect(await pathsOf('--path', 'photos/a.jpg')).toHaveLength(2);
    expect(await pathsOf('--path', '/100%_.txt')).toEqual(['STOR /100%_.txt']);
  });

  test('a path may be a pattern', async () => {
    expect(await pathsOf('--path', '*.txt')).toEqual(['STOR /100%_.txt', 'STOR /photos.txt']);
    expect(await pathsOf('--path', '/p?otos.[t]xt')).toEqual(['STOR /photos.txt']);
  });

  test('logins and sign-ups are told whether they went well or not', async () => {
    const logins = await events('--kind', 'logins');
    expect(logins).toEqual([
      expect.objectContaining({ username: 'anna', outcome: 'failed', kind: 'login' }),
    ]);
    const signups = await events('--kind', 'signups');
    expect(signups.map(({ username, outcome }) => [username, outcome])).toEqual([
      ['anna', 'failed'],
      ['otto', 'ok'],
      ['anna', 'ok'],
    ]);
  });

  test('a failed transfer is told with its reason', async () => {
    const [wrong, ...more] = await events('--outcome', 'failed', '--kind', 'transfers');
    expect(more).toEqual([]);
    expect(wrong).toMatchObject({
      path: '/wrong',
      outcome: 'failed',
      reason: expect.stringContaining('CRC32'),
    });
  });

  test('a user is found in any case of letters', async () => {
    expect(await pathsOf('--user', 'OTTO')).toEqual(['STOR /100%_.txt']);
    expect(await events('--user', 'nobody')).toEqual([]);
  });

  test('times are relative or absolute', async () => {
    const all = (await events()).length;
    expect(await events('--since', '1h')).toHaveLength(all);
    expect(await events('--until', '1h')).toEqual([]);
    expect(await events('--since', '2001-01-01', '--until', '2002-01-01T00:00Z')).toEqual([]);
    expect(await events('--since', '2001-01-01T12:00:00+02:00')).toHaveLength(all);
  });

  test('--limit takes the newest', async () => {
    const all = await events('--limit', 'all');
    expect(await events('--limit', '2')).toEqual(all.slice(0, 2));
  });

  test('the table steers no terminal, and neither do the lines of JSON', async () => {
    const { code, stdout } = await run([]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^RECEIPT +TIME .* PATH\n/);
    expect(stdout).toContain('a\\u001b[2J\\u202eb');
    const { stdout: lines } = await run(['--json']);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there.
    expect(stdout + lines).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect((await events()).map(({ path }) => path)).toContain(`/${EVIL_NAME}`);
  });

  test('no password is in it', async () => {
    const { stdout } = await run(['--json', '--limit', 'all']);
    expect(stdout).not.toMatch(/horse|staple/);
  });

  test('nothing found is told in words', async () => {
    expect((await run(['--user', 'nobody'])).stdout).toBe('There are no such events.\n');
  });

  test.each([
    ['--kind', 'uploads'],
    ['--kind', 'constructor'],
    ['--outcome', 'good'],
    ['--since', 'yesterday'],
    ['--since', '24hours'],
    ['--until', '2026-13-01'],
    ['--limit', '0'],
    ['--limit', 'many'],
  ])('%s %s is wrong usage', async (flag, text) => {
    const { code, stdout, stderr } = await run([flag, text]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`myftp-server: ${flag}: "${text}" is`);
  });
});
