import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as tick } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { openDatabase } from '../../../db/open-database.ts';
import { PartialRepository } from '../../../db/partial-repository.ts';
import type { Logs } from '../../logging/logging.ts';
import { silentLogs } from '../../logging/logging.ts';
import type { ControlClient } from '../../testing/control-client.ts';
import { beginUpload, cutUpload } from '../../testing/cut-upload.ts';
import { TestServer } from '../../testing/test-server.ts';
import { MAX_DROPPED_AT_ONCE } from '../../uploads/writable-space.ts';

const BEGUN_MS = Date.UTC(2031, 4, 6, 7, 8, 9);
const HOUR_MS = 3_600_000;
/** The shortest that is looked at often. */
const KEEP_MS = 1000;

/** Puts partials into the database of a server that has stopped, with their files. */
async function addPartials({ rootDir, settings }: TestServer, names: readonly string[]) {
  const staging = join(rootDir, '.myftp-staging', '1');
  await mkdir(staging, { recursive: true });
  const database = openDatabase(join(settings.dataDir, 'myftp.db'));
  const repository = new PartialRepository(database.queries);
  for (const [index, name] of names.entries()) {
    await writeFile(join(staging, name), 'x');
    await repository.save({
      ...{ id: name, accountId: 1, path: `/${name}`, held: 'nothing', makesWay: false },
      ...{ createdAtMs: BEGUN_MS, cutAtMs: BEGUN_MS + index, beginNumber: index + 1 },
    });
  }
  await database.close();
}

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
    expect((await listed()).map((line) => line.replace(/X\.id=[0-9a-f-]{36};/, 'X.id=;'))).toEqual([
      '213-Partial uploads:',
      ' size=3;modify=20310506080809;create=20310506080809;X.expires=20310507080809;X.shown=1;X.id=; /a',
      ' size=7;modify=20310506090809;create=20310506070809;X.expires=20310507090809;X.shown=1;X.id=; /d/b',
      '213 End.',
    ]);
  });

  test('more than an account can have now are all listed by name, and by LIST', async () => {
    await server.stop();
    const names = Array.from({ length: 1500 }, (_, index) => `file-${1500 - index}`);
    await addPartials(server, names);
    server = await TestServer.start({ directory: server.directory, now: () => nowMs });
    client = await server.login();
    const lines = await listed();
    expect(lines.map((line) => / \/(.*)$/.exec(line)?.[1]).filter(Boolean)).toEqual(names.sort());
    expect(lines.at(-1)).toBe('213 End.');
    const { data } = await client.retrieve('NLST');
    expect(String(data).split('\r\n').filter(Boolean)).toEqual(names);
    await cutUpload(client, 'STOR another', '012');
    expect(await listed()).toHaveLength(1501 - MAX_DROPPED_AT_ONCE + 2);
  });

  test('one that is being carried on does not expire', async () => {
    await cutUpload(client, 'STOR a', '012');
    const data = await beginUpload(client, 'APPE a', '345');
    const other = await server.login();
    expect((await other.command('SITE PARTIALS')).lines[1]).toMatch(
      /^ size=6;modify=20310506070809;create=20310506070809;X\.shown=1;X\.id=[^;]+; \/a$/,
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

  const ids = () => idsListedTo(client);

  describe('whose name belongs to something else', () => {
    let id: string;

    beforeEach(async () => {
      const data = await beginUpload(client, 'STOR a', '0123');
      const other = await server.login();
      await other.store('STOR a', 'published');
      data.resetAndDestroy();
      expect((await client.reply()).code).toBe(426);
      [id = ''] = await ids();
    });

    const code = async (line: string) => (await client.command(line)).code;
    const onDisk = (name: string) => readFile(join(server.rootDir, 'anna', name), 'utf8');

    test('are listed without X.shown', async () => {
      expect((await listed())[1]).not.toContain('X.shown');
      expect(String((await client.retrieve('RETR a')).data)).toBe('published');
    });

    test('are dropped by DROP, which gives their space back', async () => {
      expect((await client.command('SITE QUOTA')).lines[0]).toMatch(/^200 13 of/);
      expect(await code(`SITE PARTIALS DROP ${id}`)).toBe(250);
      expect((await client.command('SITE QUOTA')).lines[0]).toMatch(/^200 9 of/);
      expect(await code(`SITE PARTIALS DROP ${id}`)).toBe(550);
      expect(await onDisk('a')).toBe('published');
    });

    test('are recovered under a new name, where they can be read and resumed', async () => {
      expect(await code(`SITE PARTIALS RECOVER ${id} the new name`)).toBe(250);
      expect(String((await client.retrieve('RETR the new name')).data)).toBe('0123');
      expect((await client.store('APPE the new name', '45')).closing.code).toBe(226);
      expect(await onDisk('the new name')).toBe('012345');
      expect(await listed()).toEqual(['213 No partial uploads.']);
    });

    test('are not recovered under a name that is taken, or by another account', async () => {
      await cutUpload(client, 'STOR b', '01');
      for (const name of ['a', 'b', '/', 'nowhere/c']) {
        expect(await code(`SITE PARTIALS RECOVER ${id} ${name}`)).toBe(550);
      }
      const other = await server.signUp('berta');
      expect((await other.command(`SITE PARTIALS RECOVER ${id} c`)).code).toBe(550);
      expect((await other.command(`SITE PARTIALS DROP ${id}`)).code).toBe(550);
      expect(await ids()).toContain(id);
    });

    test('stay so, and are recovered, after a restart', async () => {
      await client.command('DELE a');
      await server.stop({ graceMs: 0 });
      server = await TestServer.start({ directory: server.directory, now: () => nowMs });
      client = await server.login();
      expect(await code('SIZE a')).toBe(550);
      expect(await code(`SITE PARTIALS RECOVER ${id} a`)).toBe(250);
      expect((await client.store('APPE a', '45')).closing.code).toBe(226);
      expect(await onDisk('a')).toBe('012345');
    });
  });

  test('DROP and RECOVER of one that is being carried on are 450', async () => {
    await cutUpload(client, 'STOR a', '012');
    const data = await beginUpload(client, 'APPE a', '345');
    const other = await server.login();
    const [id] = await idsListedTo(other);
    expect((await other.command(`SITE PARTIALS DROP ${id}`)).code).toBe(450);
    expect((await other.command(`SITE PARTIALS RECOVER ${id} b`)).code).toBe(450);
    data.end();
    expect((await client.reply()).code).toBe(226);
  });

  test('other arguments are 501, and it is for those who have logged in', async () => {
    for (const argument of ['a', 'DROP', 'DROP a b', 'RECOVER a', 'RECOVER']) {
      expect((await client.command(`SITE PARTIALS ${argument}`)).code).toBe(501);
    }
    expect((await (await server.connect()).command('SITE PARTIALS')).code).toBe(530);
    expect((await client.command('SITE HELP')).lines.join('\n')).toContain('PARTIALS');
  });
});

async function idsListedTo(client: ControlClient): Promise<string[]> {
  const { lines } = await client.command('SITE PARTIALS');
  return lines.flatMap((line) => /X\.id=([^;]+);/.exec(line)?.[1] ?? []);
}

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
    // It is hidden first; its space is given back before it is logged.
    while (!logged.some(({ msg }) => msg === 'partial upload expired')) await tick();
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
    expect(await text('SITE PARTIALS')).toMatch(
      / size=4;modify=\d+;create=\d+;X\.shown=1;X\.id=[^;]+; \/a\n/,
    );
  });
});

function transfersTo(write: (line: string) => void): Logs {
  return { ...silentLogs(), transfers: pino({ level: 'info' }, { write }) };
}
