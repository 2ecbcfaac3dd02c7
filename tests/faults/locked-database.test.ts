import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../../server/testing/control-client.ts';
import { beginUpload } from '../../server/testing/cut-upload.ts';
import { TestServer } from '../../server/testing/test-server.ts';

const MIB = 1024 * 1024;
const SQLITE = createRequire(import.meta.url).resolve('better-sqlite3');

/** Takes the write lock, says so, and keeps it until its input ends. */
const HOLD_LOCK = `
  const database = new (require(process.argv[1]))(process.argv[2]);
  database.exec('BEGIN IMMEDIATE');
  process.stdout.write('locked');
  process.stdin.resume().on('end', () => { database.exec('COMMIT'); database.close(); });
`;

describe('while another process has the database locked', () => {
  let server: TestServer;
  let anna: ControlClient;
  let holder: ChildProcess;

  beforeAll(async () => {
    server = await TestServer.start();
    anna = await server.signUp();
    await anna.store('STOR small', 'a few octets');
  });
  afterEach(async () => {
    await release();
  });
  afterAll(() => server.dispose());

  async function lock(): Promise<void> {
    const filename = join(server.settings.dataDir, 'myftp.db');
    holder = spawn(process.execPath, ['-e', HOLD_LOCK, SQLITE, filename]);
    if (holder.stdout) await once(holder.stdout, 'data');
  }

  async function release(): Promise<void> {
    if (holder.exitCode !== null) return;
    const ended = once(holder, 'exit');
    holder.stdin?.end();
    await ended;
  }

  test('what needs no write goes on: downloads, listings, logins', async () => {
    await lock();
    expect((await anna.retrieve('RETR small')).data.toString()).toBe('a few octets');
    expect((await anna.retrieve('NLST')).closing.code).toBe(226);
    const other = await server.login();
    expect((await other.command('SITE QUOTA')).code).toBe(200);
    expect((await other.retrieve('RETR small')).closing.code).toBe(226);
  });

  test('an upload waits when its quota has to be booked, others are served, and it ends well', async () => {
    const content = Buffer.alloc(40 * MIB, 'x');
    const uploading = await server.login();
    await lock();
    const upload = uploading.store('STOR large', content);
    let isOver = false;
    const over = upload.finally(() => {
      isOver = true;
    });
    for (let pings = 0; pings < 500; pings += 1) {
      expect((await anna.command('NOOP')).code).toBe(200);
    }
    expect((await anna.retrieve('RETR small')).closing.code).toBe(226);
    expect(isOver).toBe(false);
    await release();
    expect((await over).closing.code).toBe(226);
    expect((await anna.command('SIZE large')).lines).toEqual([`213 ${content.length}`]);
    const { lines } = await anna.command('SITE QUOTA');
    expect(lines[0]).toContain(` ${content.length + 'a few octets'.length} of `);
  });

  /** An upload that waits for room: of a new account, nothing is booked ahead. A file that exists needs no entry. */
  async function waitingUpload(client: ControlClient, username: string): Promise<Socket> {
    await writeFile(join(server.rootDir, username, 'waiting'), 'put there by hand');
    await lock();
    const data = await beginUpload(client, 'STOR waiting', 'the beginning');
    return data.on('error', () => {});
  }

  test('ABOR ends an upload that waits for room', async () => {
    const client = await server.signUp('cleo');
    await waitingUpload(client, 'cleo');
    const aborted = await client.command('ABOR');
    expect([aborted.code, (await client.reply()).code]).toEqual([426, 226]);
    expect((await client.command('SIZE waiting')).lines).toEqual(['213 17']);
  });

  test('the end of the control connection ends an upload that waits for room', async () => {
    const client = await server.signUp('dora');
    const closed = once(await waitingUpload(client, 'dora'), 'close');
    client.socket.resetAndDestroy();
    await closed;
  });

  test.each([
    ['a resume', 'emil', 'REST 4'],
    ['an upload of a new file', 'fred', 'REST 0'],
  ])('ABOR ends %s that waits for room before its transfer begins', async (_, username, rest) => {
    const client = await server.signUp(username);
    if (rest !== 'REST 0') {
      await writeFile(join(server.rootDir, username, 'there'), 'put there by hand');
    }
    await lock();
    await client.openData();
    await client.command(rest);
    client.send('STOR there\r\n');
    // Meanwhile the server has read STOR; ABOR that is read together with it would be no test.
    for (let pings = 0; pings < 10; pings += 1) await anna.command('NOOP');
    const aborted = await client.command('ABOR');
    expect([aborted.code, (await client.reply()).code]).toEqual([426, 226]);
  });

  test('a cut upload stays as a partial, and is known after a restart', async () => {
    const client = await server.login();
    const data = await beginUpload(client, 'STOR cut', 'the beginning');
    await lock();
    data.resetAndDestroy();
    expect((await client.reply()).code).toBe(426);
    expect((await client.command('SIZE cut')).lines).toEqual(['213 13']);
    await release();
    const { directory, settings } = server;
    await server.stop();
    server = await TestServer.start({ directory, settings });
    anna = await server.login();
    expect((await anna.command('SIZE cut')).lines).toEqual(['213 13']);
  });

  test('what cannot be done without a write is 451 with the reason', async () => {
    await lock();
    const client = await server.connect();
    await client.command('SITE SIGNUP berta');
    const { code, lines } = await client.command('PASS correct horse');
    expect(code).toBe(451);
    expect(lines[0]).toContain('database');
    await release();
    await client.command('SITE SIGNUP berta');
    expect((await client.command('PASS correct horse')).code).toBe(230);
  });
});
