import { lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { type Logs, silentLogs } from '../../logging/logging.ts';
import type { ControlClient } from '../../testing/control-client.ts';
import { cutUpload } from '../../testing/cut-upload.ts';
import { TestServer } from '../../testing/test-server.ts';
import { TRASH_DIRECTORY } from '../../trash/trash-directory.ts';

const KEEP_MS = 1000;
const QUOTA_BYTES = 1000;

interface Line {
  readonly id: string;
  readonly path: string;
  readonly facts: string;
}

describe('SITE TRASH', () => {
  let server: TestServer;
  let client: ControlClient;
  let nowMs: number;
  let logged: Record<string, unknown>[];

  beforeEach(async () => {
    nowMs = Date.now();
    logged = [];
    server = await start();
    client = await server.signUp();
    await server.setQuota('anna', QUOTA_BYTES);
  });
  afterEach(() => server.dispose());

  function start(settings = {}): Promise<TestServer> {
    return TestServer.start({
      ...(server && { directory: server.directory }),
      now: () => nowMs,
      logs: transfersTo((line) => logged.push(JSON.parse(line))),
      settings: { keepDeletedMs: KEEP_MS, ...settings },
    });
  }

  async function restart(settings = {}): Promise<void> {
    await server.stop({ graceMs: 0 });
    server = await start(settings);
    client = await server.login();
  }

  const text = async (line: string) => (await client.command(line)).lines.join('\n');
  const code = async (line: string) => (await client.command(line)).code;
  const used = async () => Number(/^200 (\d+)/.exec(await text('SITE QUOTA'))?.[1]);
  const content = async (name: string) => String((await client.retrieve(`RETR ${name}`)).data);
  const store = async (name: string, octets: string) =>
    (await client.store(`STOR ${name}`, octets)).closing.code;
  const kept = () => readdir(join(server.rootDir, TRASH_DIRECTORY, '1')).catch(() => []);
  const onDisk = (name: string) => join(server.rootDir, 'anna', name);

  async function listed(): Promise<Line[]> {
    const { lines } = await client.command('SITE TRASH');
    return lines.flatMap((line) => {
      const [, facts, id, path] = /^ (.*)X\.id=([^;]+); (.*)$/.exec(line) ?? [];
      return facts === undefined || id === undefined || path === undefined
        ? []
        : [{ facts, id, path }];
    });
  }

  async function idOf(path: string): Promise<string> {
    return (await listed()).find((one) => one.path === path)?.id ?? 'missing';
  }

  test('lists what DELE, RMD, RNTO and STOR have removed, the last one first', async () => {
    await store('a', 'first');
    await store('a', 'second');
    await store('b', 'other');
    await client.command('RNFR b');
    await client.command('RNTO a');
    await client.command('DELE a');
    await client.command('MKD d');
    await client.command('RMD d');
    expect(
      (await listed()).map(({ facts, path }) => [facts.replaceAll(/=\d{14}/g, ''), path]),
    ).toEqual([
      ['type=dir;size=0;X.deleted;X.expires;', '/d'],
      ['type=file;size=5;X.deleted;X.expires;', '/a'],
      ['type=file;size=6;X.deleted;X.expires;X.replaced=1;', '/a'],
      ['type=file;size=5;X.deleted;X.expires;X.replaced=1;', '/a'],
    ]);
    expect((await client.retrieve('NLST')).data.toString()).toBe('');
    expect(await used()).toBe(16);
  });

  test('restores each state of an overwritten file, and never over another one', async () => {
    await store('a', 'first');
    await store('a', 'second');
    const id = await idOf('/a');
    expect(await text(`SITE TRASH RESTORE ${id}`)).toBe('550 /a: already exists.');
    expect(await content('a')).toBe('second');
    expect(await text(`SITE TRASH RESTORE ${id} the old a`)).toBe('250 /the old a restored.');
    expect(await content('the old a')).toBe('first');
    expect(await used()).toBe(11);
    expect(await text('SITE TRASH')).toBe('213 The trash is empty.');
    expect(await kept()).toEqual([]);
  });

  test('restores into directories that are gone, with their contents', async () => {
    await client.command('MKD d');
    await client.command('MKD d/e');
    await store('d/e/a', 'octets');
    await client.command('DELE d/e/a');
    await client.command('RMD d/e');
    await client.command('RMD d');
    expect(await code(`SITE TRASH RESTORE ${await idOf('/d/e/a')}`)).toBe(250);
    expect(await content('d/e/a')).toBe('octets');
    expect(await text(`SITE TRASH RESTORE ${await idOf('/d/e')}`)).toBe(
      '550 /d/e: already exists.',
    );
    expect(await code(`SITE TRASH RESTORE ${await idOf('/d')} x/y/z`)).toBe(250);
    expect((await client.retrieve('NLST x/y')).data.toString()).toContain('z');
    expect(await text('SITE QUOTA')).toContain('; 6 files and directories');
  });

  test('does not restore where a file has the name of a directory', async () => {
    await client.command('MKD d');
    await store('d/a', 'octets');
    await client.command('DELE d/a');
    await client.command('RMD d');
    await store('d', 'a file');
    expect(await text(`SITE TRASH RESTORE ${await idOf('/d/a')}`)).toBe(
      '550 /d/a: not a directory.',
    );
    expect((await listed()).map(({ path }) => path)).toContain('/d/a');
  });

  test('keeps links themselves, and not what they lead to', async () => {
    await store('target', 'octets');
    await symlink('target', onDisk('link'));
    await client.command('DELE link');
    expect(await content('target')).toBe('octets');
    expect(await code(`SITE TRASH RESTORE ${await idOf('/link')}`)).toBe(250);
    expect((await lstat(onDisk('link'))).isSymbolicLink()).toBe(true);
    expect(await content('link')).toBe('octets');
  });

  test('two sessions that restore one item get one file, and none is lost', async () => {
    await store('a', 'octets');
    await client.command('DELE a');
    const id = await idOf('/a');
    const other = await server.login();
    const replies = await Promise.all([
      client.command(`SITE TRASH RESTORE ${id} x`),
      other.command(`SITE TRASH RESTORE ${id} y`),
    ]);
    expect(replies.filter(({ code }) => code === 250)).toHaveLength(1);
    expect((await client.retrieve('NLST')).data.toString()).toMatch(/^[xy]\r\n$/);
    expect(await used()).toBe(6);
  });

  test('RNTO over a directory is refused, and puts nothing into the trash', async () => {
    await client.command('MKD d');
    await store('a', 'octets');
    await client.command('RNFR a');
    expect(await text('RNTO d')).toBe('550 /d: already exists.');
    expect(await text('SITE TRASH')).toBe('213 The trash is empty.');
  });

  test('a directory that appears during an upload is not replaced', async () => {
    const data = await client.openData();
    await client.command('STOR a');
    await mkdir(onDisk('a'));
    data.end('octets');
    expect((await client.reply()).code).toBe(550);
    expect((await lstat(onDisk('a'))).isDirectory()).toBe(true);
    expect(await text('SITE TRASH')).toBe('213 The trash is empty.');
  });

  test('belongs to one account', async () => {
    await store('a', 'octets');
    await client.command('DELE a');
    const id = await idOf('/a');
    const other = await server.signUp('berta');
    expect((await other.command('SITE TRASH')).lines).toEqual(['213 The trash is empty.']);
    for (const line of [`RESTORE ${id}`, `RESTORE ${id} b`, `DROP ${id}`]) {
      expect((await other.command(`SITE TRASH ${line}`)).code).toBe(550);
    }
    expect(await idOf('/a')).toBe(id);
  });

  test('DROP and EMPTY delete for good and give the space back', async () => {
    for (const name of ['a', 'b', 'c']) {
      await store(name, 'octets');
      await client.command(`DELE ${name}`);
    }
    expect(await used()).toBe(18);
    expect(await text(`SITE TRASH DROP ${await idOf('/b')}`)).toBe(
      '250 /b dropped from the trash.',
    );
    expect(await used()).toBe(12);
    expect(await text('SITE TRASH EMPTY')).toBe(
      '250 Trash emptied: 2 items (12 bytes) deleted for good.',
    );
    expect([await used(), await kept()]).toEqual([0, []]);
    expect(await code('SITE TRASH DROP x')).toBe(550);
  });

  test('makes room for uploads, the oldest first, so that none is refused because of it', async () => {
    for (const name of ['a', 'b', 'c']) {
      await store(name, 'x'.repeat(300));
      await client.command(`DELE ${name}`);
    }
    expect(await text('AVBL')).toBe(`213 ${QUOTA_BYTES}`);
    expect(await text('SITE QUOTA')).toContain(', 900 of them by deleted files; 0 files');
    expect(await store('new', 'x'.repeat(200))).toBe(226);
    expect((await listed()).map(({ path }) => path)).toEqual(['/c', '/b']);
    expect(await store('whole', 'x'.repeat(800))).toBe(226);
    expect([await listed(), await used()]).toEqual([[], QUOTA_BYTES]);
    expect(await store('more', 'x')).toBe(552);
  });

  test('a file of 0.9 of the quota can be overwritten and deleted', async () => {
    await store('a', 'x'.repeat(900));
    expect(await store('a', 'x'.repeat(50))).toBe(226);
    expect(await used()).toBe(950);
    expect(await store('a', 'x'.repeat(900))).toBe(226);
    expect((await listed()).map(({ facts }) => /size=(\d+)/.exec(facts)?.[1])).toEqual(['50']);
    expect(await used()).toBe(950);
    await client.command('DELE a');
    expect(await store('b', 'x'.repeat(1000))).toBe(226);
    expect([await listed(), await used()]).toEqual([[], 1000]);
  });

  test('gives way when the quota is lowered, but not before room is needed', async () => {
    for (const name of ['a', 'b']) {
      await store(name, 'x'.repeat(400));
      await client.command(`DELE ${name}`);
    }
    await server.setQuota('anna', 100);
    expect(await used()).toBe(800);
    expect(await text('AVBL')).toBe('213 100');
    expect(await store('c', 'x'.repeat(100))).toBe(226);
    expect([await listed(), await used()]).toEqual([[], 100]);
  });

  test('has no part in the limit of files, but a restored file has', async () => {
    await server.setEntryLimit('anna', 1);
    await store('a', 'octets');
    await client.command('DELE a');
    await store('b', 'octets');
    const refusal = `SITE TRASH RESTORE ${await idOf('/a')}`;
    expect(await text(refusal)).toMatch(/^552 Quota exceeded: 1 of 1 files/);
    await client.command('DELE b');
    expect(await code(refusal)).toBe(250);
    expect(await text('SITE QUOTA')).toContain('1 of 1 file');
  });

  test('outside the quota, with count-deleted off, until it is restored', async () => {
    await restart({ countDeleted: 'off' });
    await store('a', 'x'.repeat(900));
    await client.command('DELE a');
    expect(await used()).toBe(0);
    await store('b', 'x'.repeat(500));
    const id = await idOf('/a');
    expect(await text(`SITE TRASH RESTORE ${id}`)).toMatch(/^552 Quota exceeded: 500 of 1000/);
    await store('b', 'x'.repeat(50));
    expect(await code(`SITE TRASH RESTORE ${id}`)).toBe(250);
    expect(await used()).toBe(950);
    await restart();
    await client.command('DELE a');
    expect(await used()).toBe(950);
  });

  test('survives a restart, and what is in it goes after its time', async () => {
    await store('a', 'octets');
    await client.command('DELE a');
    await restart();
    expect((await listed()).map(({ path }) => path)).toEqual(['/a']);
    expect(await used()).toBe(6);
    nowMs += KEEP_MS;
    while (!logged.some(({ msg }) => msg === 'deleted file expired')) await text('NOOP');
    expect(logged.at(-1)).toMatchObject({ username: 'anna', path: '/a', bytes: 6 });
    expect([await listed(), await kept(), await used()]).toEqual([[], [], 0]);
  });

  test('a clock that goes back changes neither the order nor what can be restored', async () => {
    await store('a', 'octets');
    await client.command('DELE a');
    nowMs -= 86_400_000;
    await store('b', 'octets');
    await client.command('DELE b');
    expect((await listed()).map(({ path }) => path)).toEqual(['/b', '/a']);
    expect(await code(`SITE TRASH RESTORE ${await idOf('/a')}`)).toBe(250);
  });

  test('rows without a file go at the start; files without a row are put aside', async () => {
    for (const name of ['a', 'b']) {
      await store(name, 'octets');
      await client.command(`DELE ${name}`);
    }
    const [a, b] = [await idOf('/a'), await idOf('/b')];
    await server.stop({ graceMs: 0 });
    const trash = join(server.rootDir, TRASH_DIRECTORY);
    await rm(join(trash, '1', a));
    await writeFile(join(trash, '1', 'strange'), '');
    server = await start();
    client = await server.login();
    expect((await listed()).map(({ id }) => id)).toEqual([b]);
    expect(await readdir(join(trash, 'unknown', '1'))).toEqual(['strange']);
    while ((await used()) !== 6);
  });

  test('an administrator can empty it by hand while the server runs', async () => {
    await store('a', 'octets');
    await client.command('DELE a');
    await rm(join(server.rootDir, TRASH_DIRECTORY), { recursive: true });
    expect(await text(`SITE TRASH RESTORE ${await idOf('/a')}`)).toMatch(/^550 \/a: no such file/);
    expect(await text('DELE a')).toMatch(/^550/);
    await store('b', 'octets');
    expect(await code('DELE b')).toBe(250);
    expect((await listed()).map(({ path }) => path)).toEqual(['/b', '/a']);
  });

  test('holds names of 255 octets, and names that a line cannot carry', async () => {
    const long = 'ä'.repeat(127);
    await store(long, 'octets');
    await client.command(`DELE ${long}`);
    expect((await listed())[0]?.path).toBe(`/${long}`);
    await mkdir(onDisk('two\nlines'));
    await symlink('two\nlines', onDisk('link'));
    await store('link/a', 'octets');
    await client.command('DELE link/a');
    const { id = '', path } = (await listed())[0] ?? {};
    expect(path).toBe('/two?lines/a');
    expect(await text(`SITE TRASH RESTORE ${id}`)).toBe('250 /two?lines/a restored.');
    expect(await readFile(onDisk('two\nlines/a'), 'utf8')).toBe('octets');
  });

  test('a directory is removed only if it is empty, and comes back with its mode', async () => {
    await client.command('MKD d');
    await store('d/a', 'octets');
    expect(await text('RMD d')).toBe('550 /d: directory not empty.');
    await client.command('DELE d/a');
    await client.command('SITE CHMOD 750 d');
    expect(await code('RMD d')).toBe(250);
    expect(await code(`SITE TRASH RESTORE ${await idOf('/d')}`)).toBe(250);
    expect((await lstat(onDisk('d'))).mode & 0o777).toBe(0o750);
  });

  test('a session that works in a removed directory reaches nothing in the trash', async () => {
    await client.command('MKD d');
    await client.command('CWD d');
    await client.retrieve('NLST');
    const other = await server.login();
    expect((await other.command('RMD /d')).code).toBe(250);
    expect(await code('MKD e')).toBe(550);
    expect((await client.store('STOR a', 'octets')).opening.code).toBe(550);
    expect((await kept()).length).toBe(1);
  });

  test('a partial upload that DELE removes is not kept; the file under it is', async () => {
    await store('a', 'octets');
    await cutUpload(client, 'STOR a', '012');
    await client.command('DELE a');
    expect((await listed()).map(({ path }) => path)).toEqual(['/a']);
    expect(await used()).toBe(6);
  });

  test('an account that keeps nothing deletes for good, and gets its trash back', async () => {
    await store('a', 'octets');
    await client.command('DELE a');
    await server.withDatabase(({ accounts }) => accounts.setKeepDeleted(1, 0));
    client = await server.login();
    await store('b', 'octets');
    await client.command('DELE b');
    expect((await listed()).map(({ path }) => path)).toEqual(['/a']);
    expect(await code(`SITE TRASH RESTORE ${await idOf('/a')}`)).toBe(250);
    expect(await text('SITE TRASH')).toBe('213 Deleted files are not kept.');
  });

  test('other arguments are 501, and it is for those who have logged in', async () => {
    for (const argument of ['a', 'DROP', 'DROP a b', 'RESTORE', 'EMPTY a', 'LIST']) {
      expect([argument, await code(`SITE TRASH ${argument}`)]).toEqual([argument, 501]);
    }
    expect((await (await server.connect()).command('SITE TRASH')).code).toBe(530);
    expect(await text('SITE HELP')).toContain('TRASH');
  });
});

function transfersTo(write: (line: string) => void): Logs {
  return { ...silentLogs(), transfers: pino({ level: 'info' }, { write }) };
}
