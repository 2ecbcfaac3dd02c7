import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as tick } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { Logs } from '../../logging.ts';
import { silentLogs } from '../../logging.ts';
import type { ControlClient } from '../../testing/control-client.ts';
import { beginUpload, cutUpload } from '../../testing/cut-upload.ts';
import { TestServer } from '../../testing/test-server.ts';

const BEGUN_MS = Date.UTC(2031, 4, 6, 7, 8, 9);
const HOUR_MS = 3_600_000;
/** The shortest that is looked at often. */
const KEEP_MS = 1000;

describe('SITE PARTIALS', () => {
  let server: TestServer;
  let client: ControlClient;
  let nowMs: number;

  beforeEach(async () => {
    nowMs = BEGUN_MS;
    server = await TestServer.start({ now: () => nowMs });
    client = await server.signUp();
  });
  afterEach(() => server.dispose());

  const listed = async () => (await client.command('SITE PARTIALS')).lines;

  test('tells that there are none', async () => {
    expect(await listed()).toEqual(['213 No partial uploads.']);
  });

  test('lists them by name, with size, times and when they expire', async () => {
    await client.command('MKD d');
    await cutUpload(client, 'STOR d/b', '0123');
    nowMs += HOUR_MS;
    await cutUpload(client, 'STOR a', '012');
    await client.command('REST 2');
    nowMs += HOUR_MS;
    await cutUpload(client, 'STOR d/b', '23456');
    expect(await listed()).toEqual([
      '213-Partial uploads:',
      ' size=3;modify=20310506080809;create=20310506080809;X.expires=20310507080809; /a',
      ' size=7;modify=20310506090809;create=20310506070809;X.expires=20310507090809; /d/b',
      '213 End.',
    ]);
  });

  test('one that is being carried on does not expire', async () => {
    await cutUpload(client, 'STOR a', '012');
    const data = await beginUpload(client, 'APPE a', '345');
    const other = await server.login();
    expect((await other.command('SITE PARTIALS')).lines[1]).toBe(
      ' size=6;modify=20310506070809;create=20310506070809; /a',
    );
    data.end();
    expect((await client.reply()).code).toBe(226);
    expect(await listed()).toHaveLength(1);
  });

  test('belongs to one account', async () => {
    await cutUpload(client, 'STOR a', '012');
    const other = await server.signUp('berta');
    expect((await other.command('SITE PARTIALS')).lines).toEqual(['213 No partial uploads.']);
  });

  test('an upload that was deleted or has become whole is not listed any more', async () => {
    await cutUpload(client, 'STOR a', '012');
    await cutUpload(client, 'STOR b', '012');
    await client.command('DELE a');
    await client.store('APPE b', '3');
    expect(await listed()).toEqual(['213 No partial uploads.']);
  });

  test('takes no argument and is for those who have logged in', async () => {
    expect((await client.command('SITE PARTIALS a')).code).toBe(501);
    expect((await (await server.connect()).command('SITE PARTIALS')).code).toBe(530);
    expect((await client.command('SITE HELP')).lines.join('\n')).toContain('PARTIALS');
  });
});

test('SITE PARTIALS tells an account that can only read that it has none', async () => {
  const server = await TestServer.start();
  await server.stop();
  const anonymousDir = join(server.directory, 'public');
  await mkdir(anonymousDir);
  const open = await TestServer.start({
    directory: server.directory,
    settings: { anonymousDir },
  });
  try {
    const client = await open.connect();
    await client.login('anonymous', 'guest');
    expect((await client.command('SITE PARTIALS')).lines).toEqual([
      '213 This account can only read and has no partial uploads.',
    ]);
  } finally {
    await open.dispose();
  }
});

describe('a partial upload that nobody carries on', () => {
  let server: TestServer;
  let client: ControlClient;
  let nowMs: number;
  let logged: Record<string, unknown>[];

  beforeEach(async () => {
    nowMs = Date.now();
    logged = [];
    server = await start();
    client = await server.signUp();
  });
  afterEach(() => server.dispose());

  function start(settings = {}): Promise<TestServer> {
    return TestServer.start({
      ...(server && { directory: server.directory }),
      now: () => nowMs,
      logs: transfersTo((line) => logged.push(JSON.parse(line))),
      settings: { keepPartialsMs: KEEP_MS, ...settings },
    });
  }

  const text = async (line: string) => (await client.command(line)).lines.join('\n');
  const used = async () => Number(/^200 (\d+)/.exec(await text('SITE QUOTA'))?.[1]);

  async function gone(): Promise<void> {
    while ((await text('SITE PARTIALS')) !== '213 No partial uploads.');
  }

  test('goes after its time: the old file is seen again, its space is given back, and it is logged', async () => {
    await client.store('STOR a', 'before');
    await cutUpload(client, 'STOR a', '0123');
    expect(await used()).toBe(10);
    nowMs += KEEP_MS;
    await gone();
    expect(await text('SIZE a')).toBe('213 6');
    expect((await client.retrieve('MLSD')).data.toString()).toMatch(/size=6;[^ ]* a\r\n/);
    expect(await used()).toBe(6);
    const line = logged.find(({ msg }) => msg === 'partial upload expired');
    expect(line).toMatchObject({ username: 'anna', path: '/a', bytes: 4 });
  });

  test('goes after a restart, too, before its owner has logged in', async () => {
    await cutUpload(client, 'STOR a', '0123');
    await server.stop({ graceMs: 0 });
    nowMs = Date.now() + KEEP_MS;
    server = await start();
    while (!logged.some(({ msg }) => msg === 'partial upload expired')) await tick();
    client = await server.login();
    expect(await used()).toBe(0);
  });

  test('is left alone while it is carried on', async () => {
    await cutUpload(client, 'STOR a', '0123');
    await cutUpload(client, 'STOR b', '0123');
    const data = await beginUpload(client, 'APPE a', '45');
    nowMs += KEEP_MS;
    const other = await server.login();
    // The other one shows that they were looked at.
    while ((await other.command('SIZE b')).code !== 550);
    data.end();
    expect((await client.reply()).code).toBe(226);
    expect(await readFile(join(server.rootDir, 'anna', 'a'), 'utf8')).toBe('012345');
    expect(await used()).toBe(6);
  });

  test('goes even if its directory is gone', async () => {
    await client.command('MKD d');
    await cutUpload(client, 'STOR d/a', '0123');
    await rm(join(server.rootDir, 'anna', 'd'), { recursive: true });
    nowMs += KEEP_MS;
    await gone();
    expect(await used()).toBe(0);
  });

  test('stays if partials are kept for ever', async () => {
    await cutUpload(client, 'STOR a', '0123');
    await server.stop({ graceMs: 0 });
    nowMs += 1e12;
    server = await start({ keepPartialsMs: 0 });
    client = await server.login();
    expect(await text('SITE PARTIALS')).toMatch(/ size=4;modify=\d+;create=\d+; \/a\n/);
  });
});

function transfersTo(write: (line: string) => void): Logs {
  return { ...silentLogs(), transfers: pino({ level: 'info' }, { write }) };
}
