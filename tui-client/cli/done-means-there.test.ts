import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Outcome } from '../../tests/clients/program.ts';
import { FieldServer } from '../testing/field-server.ts';
import type { Mood } from '../testing/mood.ts';
import { ClientProgram } from './testing/client-program.ts';

let client: ClientProgram;
let server: FieldServer;

beforeAll(async () => {
  client = await ClientProgram.prepare();
});
afterAll(() => client?.dispose());
afterEach(() => server?.close());

async function start(mood: Mood = {}): Promise<void> {
  server = await FieldServer.start(mood);
}

function run(...args: readonly string[]): Promise<Outcome> {
  return client.run([...args, '--plain', '--password-stdin'], { input: 'secret' });
}

const octets = randomBytes(200_000);

const unknown: NonNullable<Mood['answers']>[string] = (_, control) => {
  control.say('502 Not here.');
  return true;
};

/** Without a password, which would have to come from standard input. */
const welcome: NonNullable<Mood['answers']>[string] = (_, control) => {
  control.say('230 Welcome.');
  return true;
};

describe('a server that keeps nothing of an upload and confirms it', () => {
  test.each([
    ['SIZE tells it', {}],
    ['the listing tells it', { answers: { SIZE: unknown } }],
  ])('is found out: %s', async (_, mood) => {
    await start({ keepsAtMost: 0, ...mood });
    await client.write('big.bin', octets);
    const outcome = await run('put', 'big.bin', server.url('/'));
    expect(outcome).toMatchObject({
      code: 7,
      stderr: expect.stringContaining('the server has 0 of 200000 bytes'),
    });
  });

  test('lets a mirror delete nothing', async () => {
    await start({ keepsAtMost: 0 });
    server.tree.put('/site/extra', 'extra');
    await client.write('site/big.bin', octets);
    const outcome = await run('mirror', '--delete-all', 'site', server.url('/site'));
    expect(outcome.code).toBe(7);
    expect(server.tree.text('/site/extra')).toBe('extra');
  });

  test('is found out from standard input', async () => {
    await start({ keepsAtMost: 10, answers: { USER: welcome } });
    const args = ['put', '-', server.url('/file'), '--plain'];
    const outcome = await client.run(args, { input: 'x'.repeat(1000) });
    expect(outcome).toMatchObject({ code: 7, stderr: expect.stringContaining('10 of 1000') });
  });
});

describe('half a file that is confirmed', () => {
  test.each([
    ['cat', (url: string) => ['cat', url]],
    ['get to standard output', (url: string) => ['get', url, '-']],
    ['hash', (url: string) => ['hash', url]],
    ['get', (url: string) => ['get', url, 'half.bin']],
  ])('is a failure of %s', async (_, args) => {
    await start({ sendsAtMost: 1000 });
    server.tree.put('/big.bin', octets);
    const outcome = await run(...args(server.url('/big.bin')));
    expect(outcome.code).not.toBe(0);
    expect(outcome.stderr).toMatch(/1000 of 200000 bytes|has 200000 bytes, and sent 1000/);
  });
});

describe('put --resume', () => {
  test('sends all where the server takes REST and ignores it', async () => {
    await start({ ignoresRest: true });
    server.tree.put('/big.bin', octets.subarray(0, 120_000));
    await client.write('big.bin', octets);
    const outcome = await run('put', '--resume', 'big.bin', server.url('/'));
    expect(outcome).toMatchObject({ code: 0 });
    expect(server.tree.get('/big.bin')?.content.equals(octets)).toBe(true);
  });

  test('leaves what is no beginning', async () => {
    await start();
    server.tree.put('/big.bin', 'x'.repeat(120_000));
    await client.write('big.bin', octets);
    const outcome = await run('put', '--resume', 'big.bin', server.url('/'));
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('no beginning') });
    expect(server.tree.text('/big.bin')).toBe('x'.repeat(120_000));
  });

  test.each([
    ['carries on what was written after the source', Date.UTC(2036, 0, 1), ['REST 120000']],
    ['sends all where the source is newer', Date.UTC(2000, 0, 1), []],
  ])('%s, if nothing can be read', async (_, modifiedMs, expected) => {
    await start({
      answers: {
        RETR: (_path, control) => {
          control.say('550 Permission denied.');
          return true;
        },
      },
    });
    server.tree.put('/big.bin', octets.subarray(0, 120_000), modifiedMs);
    await client.write('big.bin', octets);
    const outcome = await run('put', '--resume', 'big.bin', server.url('/'));
    expect(outcome).toMatchObject({ code: 0 });
    expect(server.tree.get('/big.bin')?.content.equals(octets)).toBe(true);
    const sent = server.lines.slice(server.lines.findIndex((line) => line.startsWith('MDTM')));
    expect(sent.filter((line) => line === 'REST 120000')).toEqual(expected);
  });
});

describe('get --resume', () => {
  test.each([
    ['ignores REST', { ignoresRest: true } as const],
    ['refuses REST', { answers: { REST: unknown } }],
  ])('carries on with a server that %s', async (_, mood) => {
    await start(mood);
    server.tree.put('/big.bin', octets);
    await client.write('big.bin', octets.subarray(0, 120_000));
    const outcome = await run('get', '--resume', server.url('/big.bin'), 'big.bin');
    expect(outcome).toMatchObject({ code: 0 });
    expect(octets.equals(await client.read('big.bin'))).toBe(true);
  });

  test('keeps the file that is no beginning, and one whose download fails', async () => {
    await start({ sendsAtMost: 150_000 });
    server.tree.put('/big.bin', octets);
    await client.write('big.bin', 'y'.repeat(120_000));
    const other = await run('get', '--resume', server.url('/big.bin'), 'big.bin');
    expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('no beginning') });
    expect((await client.read('big.bin')).toString()).toBe('y'.repeat(120_000));
    await client.write('big.bin', octets.subarray(0, 120_000));
    const cut = await run('get', '--resume', server.url('/big.bin'), 'big.bin');
    expect(cut.code).not.toBe(0);
    expect((await client.read('big.bin')).length).toBe(120_000);
  });
});
