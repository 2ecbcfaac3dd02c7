import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { entriesOnDisk } from '../testing/bytes-on-disk.ts';
import type { ControlClient } from '../testing/control-client.ts';
import { beginUpload, cutUpload } from '../testing/cut-upload.ts';
import { TestServer } from '../testing/test-server.ts';

const LIMIT = 4;
const FULL = /^552 Quota exceeded: 4 of 4 files and directories are used; delete some first\.$/;

describe('an account that may have four files', () => {
  let server: TestServer;
  let client: ControlClient;

  beforeEach(async () => {
    server = await TestServer.start({ settings: { maxFiles: LIMIT } });
    client = await server.signUp();
  });
  afterEach(async () => {
    expect(await used()).toBe(await entriesOnDisk(home()));
    await server.dispose();
  });

  const home = (...names: string[]) => join(server.rootDir, 'anna', ...names);
  const text = async (line: string) => (await client.command(line)).lines.join('\n');
  const code = async (line: string) => (await client.command(line)).code;
  const used = async () =>
    Number(/; (\d+) of \d+ files and directories\.$/.exec(await text('SITE QUOTA'))?.[1]);
  async function store(line: string, content = 'x'): Promise<string> {
    const { closing } = await client.store(line, content);
    return closing.lines.join('\n');
  }
  async function fill(): Promise<void> {
    expect(await code('MKD d')).toBe(257);
    for (const name of ['a', 'b', 'd/c']) expect(await store(`STOR ${name}`)).toMatch(/^226/);
    expect(await used()).toBe(LIMIT);
  }

  test('is told what it has and may have', async () => {
    await store('STOR a', 'four');
    expect(await text('SITE QUOTA')).toMatch(
      /^200 4 of \d+ bytes used \(.*\); 1 of 4 files and directories\.$/,
    );
  });

  test('gets 552 for a fifth by STOR, STOU, APPE and MKD, and nothing is left of it', async () => {
    await fill();
    for (const line of ['STOR e', 'STOU', 'STOU e', 'APPE e', 'MKD e', 'MKD d/e']) {
      expect(await text(line)).toMatch(FULL);
    }
    expect((await readdir(home(), { recursive: true })).sort()).toEqual(['a', 'b', 'd', 'd/c']);
  });

  test('is told that a directory exists, rather than of the limit', async () => {
    await fill();
    expect(await text('MKD d')).toMatch(/^550 .*already exists/);
  });

  test('can overwrite, append to, resume and rename what it has', async () => {
    await fill();
    expect(await store('STOR a', 'new')).toMatch(/^226/);
    expect(await store('APPE a', '!')).toMatch(/^226/);
    expect(await code('REST 1')).toBe(350);
    expect(await store('STOR a', 'EW')).toMatch(/^226/);
    expect(await code('RNFR a')).toBe(350);
    expect(await code('RNTO z')).toBe(250);
    expect(await used()).toBe(LIMIT);
  });

  test.each([
    ['DELE', ['DELE a']],
    ['DELE of a file and RMD', ['DELE d/c', 'RMD d']],
    ['RNTO over another file', ['RNFR a', 'RNTO b']],
  ])('gets room by %s', async (_, lines) => {
    await fill();
    for (const line of lines) expect([250, 350]).toContain(await code(line));
    expect(await used()).toBe(await entriesOnDisk(home()));
    while ((await used()) < LIMIT) expect(await store('STOU')).toMatch(/^226/);
    expect(await text('MKD e')).toMatch(FULL);
  });

  test('has a running upload counted from its begin, and not after it was cut', async () => {
    await fill();
    await code('DELE a');
    const data = await beginUpload(client, 'STOR e', 'half');
    const other = await server.login();
    expect((await other.command('MKD f')).lines[0]).toMatch(FULL);
    data.resetAndDestroy();
    expect((await client.reply()).code).toBe(426);
    expect(await used()).toBe(LIMIT - 1);
    expect((await other.command('MKD f')).code).toBe(257);
    // The partial has no entry, so it cannot be carried on either.
    await client.command('REST 4');
    expect(await text('STOR e')).toMatch(FULL);
    await code('RMD f');
    await client.command('REST 4');
    expect(await store('STOR e', 'way')).toMatch(/^226/);
  });

  test('gives back the place of an upload whose name another one has got meanwhile', async () => {
    await store('STOR a');
    await code('MKD d');
    const data = await beginUpload(client, 'STOR e', 'first');
    const other = await server.login();
    expect((await other.store('STOR e', 'second')).closing.code).toBe(226);
    data.end();
    expect((await client.reply()).code).toBe(226);
    expect(await used()).toBe(3);
  });

  test('gets 552 at the end of an overwrite whose file was deleted and replaced meanwhile', async () => {
    await fill();
    const data = await beginUpload(client, 'STOR a', 'new');
    const other = await server.login();
    await other.command('DELE a');
    await other.command('MKD f');
    data.end();
    expect((await client.reply()).lines[0]).toMatch(FULL);
    expect(await text('SITE PARTIALS')).toContain('size=3;');
    await other.command('RMD f');
  });

  test('recovers a partial only if there is room for its file', async () => {
    await store('STOR a');
    await cutUpload(client, 'STOR a', 'newer');
    await code('DELE a');
    await cutUpload(client, 'STOR e', 'half');
    const [, id] = /X\.id=([^;]+); \/e$/m.exec(await text('SITE PARTIALS')) ?? [];
    await fill();
    expect(await text(`SITE PARTIALS RECOVER ${id} g`)).toMatch(FULL);
    await code('DELE a');
    expect(await code(`SITE PARTIALS RECOVER ${id} g`)).toBe(250);
    await client.command('REST 4');
    expect(await store('STOR g', 'way')).toMatch(/^226/);
  });

  test('keeps all it has below a lowered limit, and gets nothing new', async () => {
    await fill();
    await server.setEntryLimit('anna', 2);
    expect(await text('MKD e')).toMatch(/^552 Quota exceeded: 4 of 2 files/);
    expect(await store('STOR a', 'new')).toMatch(/^226/);
    await code('DELE a');
    await code('DELE b');
    expect(await text('MKD e')).toMatch(/^552 Quota exceeded: 2 of 2 files/);
    await code('DELE d/c');
    expect(await code('MKD e')).toBe(257);
  });

  test('has no limit where it is 0', async () => {
    await server.dispose();
    server = await TestServer.start({ settings: { maxFiles: 0 } });
    client = await server.signUp();
    await store('STOR a', 'four');
    expect(await text('SITE QUOTA')).toMatch(/; 1 file or directory\.$/);
    await server.setEntryLimit('anna', 5);
  });
});

test('of 50 sessions that upload at once to an account with 20 places left, 20 succeed', async () => {
  const server = await TestServer.start({ settings: { maxFiles: 25 } });
  try {
    const client = await server.signUp();
    for (let count = 0; count < 5; count += 1) await client.command(`MKD d${count}`);
    const sessions = await Promise.all(Array.from({ length: 50 }, () => server.login()));
    const replies = await Promise.all(
      sessions.map(async (session, at) => {
        const { closing } = await session.store(`STOR d${at % 5}/f${at}`, 'x'.repeat(1000 * at));
        return closing.code;
      }),
    );
    expect(replies.filter((one) => one === 226)).toHaveLength(20);
    expect(replies.filter((one) => one === 552)).toHaveLength(30);
    expect(await entriesOnDisk(join(server.rootDir, 'anna'))).toBe(25);
    expect((await client.command('SITE QUOTA')).lines[0]).toMatch(/; 25 of 25 files/);
  } finally {
    await server.dispose();
  }
});
