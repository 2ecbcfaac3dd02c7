import { createHash } from 'node:crypto';
import { link, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { recount } from '../quota/quota-recount.ts';
import { stagedBytes } from '../testing/bytes-on-disk.ts';
import type { ControlClient } from '../testing/control-client.ts';
import { beginUpload, cutUpload } from '../testing/cut-upload.ts';
import { stagedFiles } from '../testing/staged-files.ts';
import { TestServer } from '../testing/test-server.ts';

/** Above the size up to which a file is copied for an append. */
const LARGE_BYTES = 3 * 1024 * 1024;

describe('APPE', () => {
  let server: TestServer;
  let client: ControlClient;
  let other: ControlClient;

  beforeEach(async () => {
    server = await TestServer.start();
    client = await server.signUp();
    other = await server.login();
  });
  afterEach(async () => {
    const [, used] = /^200 (\d+)/.exec(await text('SITE QUOTA')) ?? [];
    const homeBytes = await recount({ directoryPath: join(server.rootDir, 'anna') });
    expect(Number(used)).toBe(homeBytes + (await stagedBytes(server.rootDir)));
    await server.dispose();
  });

  const home = (name: string) => join(server.rootDir, 'anna', name);
  const onDisk = (name: string) => readFile(home(name), 'utf8');
  const text = async (line: string) => (await client.command(line)).lines.join('\n');
  const staged = () => stagedFiles(join(server.rootDir, '.myftp-staging', '1'));

  describe.each([
    ['nothing', ''],
    ['a small file', 'some log\n'],
    ['a large file', 'x'.repeat(LARGE_BYTES)],
  ])('to %s', (_what, before) => {
    beforeEach(async () => {
      if (before !== '') await client.store('STOR log', before);
    });

    test('twice at the same time: both are in the file, in the order in which they ended', async () => {
      const first = await beginUpload(client, 'APPE log', 'first\n');
      const second = await beginUpload(other, 'APPE log', 'second\n');
      second.end();
      expect((await other.reply()).code).toBe(226);
      first.end();
      expect((await client.reply()).code).toBe(226);
      expect((await onDisk('log')) === `${before}second\nfirst\n`).toBe(true);
      expect(await staged()).toEqual([]);
    });

    test('of many devices: no line is lost', async () => {
      const devices = await Promise.all(Array.from({ length: 8 }, () => server.login()));
      const lines = devices.flatMap((_, device) =>
        [0, 1, 2, 3].map((n) => `${device} says ${n}\n`),
      );
      await Promise.all(
        devices.map(async (device, number) => {
          for (const line of lines.slice(number * 4, number * 4 + 4)) {
            expect((await device.store('APPE log', line)).closing.code).toBe(226);
          }
        }),
      );
      const after = (await onDisk('log')).slice(before.length).split('\n').slice(0, -1);
      expect(after.sort()).toEqual(lines.map((line) => line.trim()).sort());
    });

    test('that is cut leaves the file as it was, and its octets to SITE PARTIALS', async () => {
      if (before === '') return;
      await cutUpload(client, 'APPE log', 'cut');
      expect(await text('SIZE log')).toBe(`213 ${before.length}`);
      const [, id] = /size=3;.*X\.id=([^;]+);/.exec(await text('SITE PARTIALS')) ?? [];
      await client.command(`SITE PARTIALS RECOVER ${id} part`);
      expect(String((await client.retrieve('RETR part')).data)).toBe('cut');
    });
  });

  test('to a file that is deleted meanwhile makes it', async () => {
    await client.store('STOR log', 'old');
    const data = await beginUpload(client, 'APPE log', 'new');
    await other.command('DELE log');
    data.end();
    expect((await client.reply()).code).toBe(226);
    expect(await onDisk('log')).toBe('new');
  });

  test('to a file that is replaced meanwhile adds to that', async () => {
    await client.store('STOR log', 'old');
    const data = await beginUpload(client, 'APPE log', '+');
    await other.store('STOR log', 'another');
    data.end();
    expect((await client.reply()).code).toBe(226);
    expect(await onDisk('log')).toBe('another+');
  });

  test('to a name that becomes a directory is 550', async () => {
    const data = await beginUpload(client, 'APPE log', '+');
    await other.command('MKD log');
    data.end();
    expect((await client.reply()).code).toBe(550);
  });

  test('takes room for what is appended, and no more', async () => {
    await client.store('STOR log', 'x'.repeat(LARGE_BYTES));
    await server.setQuota('anna', LARGE_BYTES + 10);
    expect((await client.store('APPE log', '0123456789')).closing.code).toBe(226);
    expect((await client.store('APPE log', '0')).closing.code).toBe(552);
    expect((await stat(home('log'))).size).toBe(LARGE_BYTES + 10);
  });

  test('to a large file writes to that file, and leaves other names of it alone', async () => {
    await client.store('STOR log', 'x'.repeat(LARGE_BYTES));
    const { ino } = await stat(home('log'));
    await client.store('APPE log', 'more');
    expect((await stat(home('log'))).ino).toBe(ino);
    await link(home('log'), join(server.directory, 'backup'));
    await client.store('APPE log', 'and more');
    expect((await stat(join(server.directory, 'backup'))).size).toBe(LARGE_BYTES + 4);
    expect((await stat(home('log'))).size).toBe(LARGE_BYTES + 12);
  });

  test('keeps the permissions of the file', async () => {
    await client.store('STOR log', 'x');
    await client.command('SITE CHMOD 600 log');
    await client.store('APPE log', 'y');
    expect((await stat(home('log'))).mode & 0o777).toBe(0o600);
  });

  test.each([0, 1000])(
    'in place that a crash has ended after %i octets is undone',
    async (written) => {
      await client.store('STOR log', 'x'.repeat(LARGE_BYTES));
      const { ino } = await stat(home('log'));
      await server.stop({ graceMs: 0 });
      await truncate(home('log'), LARGE_BYTES + written);
      const note = { file: 'anna/log', ino, sizeBytes: LARGE_BYTES };
      const staging = join(server.rootDir, '.myftp-staging', '1');
      await writeFile(join(staging, 'id'), 'y'.repeat(2000));
      await writeFile(join(staging, 'id.append'), JSON.stringify(note));
      server = await TestServer.start({ directory: server.directory });
      client = await server.login();
      expect((await stat(home('log'))).size).toBe(LARGE_BYTES);
      expect(await staged()).toEqual([]);
    },
  );

  test('of which a crash has left half a note, or whose file is gone, keeps nobody from the start', async () => {
    await client.store('STOR log', 'old');
    await server.stop({ graceMs: 0 });
    const staging = join(server.rootDir, '.myftp-staging', '1');
    await writeFile(join(staging, 'a.append'), '{"file":"anna/lo');
    await writeFile(join(staging, 'b.append'), '{"file":"anna/gone/log","ino":1,"sizeBytes":0}');
    await writeFile(join(staging, 'c.append'), '{"file":"anna/log","ino":1,"sizeBytes":0}');
    server = await TestServer.start({ directory: server.directory });
    client = await server.login();
    expect(await onDisk('log')).toBe('old');
    expect(await staged()).toEqual([]);
  });

  test('after SITE EXPECT is refused if the file has changed meanwhile', async () => {
    await client.store('STOR log', 'one');
    const sha256 = createHash('sha256').update('onetwo').digest('hex');
    await client.command(`SITE EXPECT SHA-256 ${sha256}`);
    const data = await beginUpload(client, 'APPE log', 'two');
    await other.store('APPE log', '!');
    data.end();
    expect((await client.reply()).code).toBe(550);
    expect(await onDisk('log')).toBe('one!');
  });

  test('tells the digest of the whole file in its receipt', async () => {
    await client.store('STOR log', 'one');
    await client.command('OPTS RECEIPT ON');
    const { closing } = await client.store('APPE log', 'two');
    const sha256 = createHash('sha256').update('onetwo').digest('hex');
    expect(closing.lines.join()).toContain(`SHA-256 ${sha256} size 6`);
  });
});
