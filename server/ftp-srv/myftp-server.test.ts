import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Settings } from '../config/settings.ts';
import { TestServer } from '../testing/test-server.ts';

function serverWith(settings: Partial<Settings>): () => TestServer {
  let server: TestServer | undefined;
  beforeAll(async () => {
    server = await TestServer.start({ settings });
  });
  afterAll(() => server?.dispose());
  return () => {
    if (server === undefined) throw new Error('not started');
    return server;
  };
}

/** The code of the greeting that the next client gets. */
async function greetingCode(server: TestServer): Promise<number> {
  const socket = connect({ port: server.port, host: '127.0.0.1' });
  const [greeting] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return Number(greeting.toString('latin1', 0, 3));
}

describe('the most sessions of the server', () => {
  const server = serverWith({ maxSessions: 2 });

  test('the next client is told 421, until another one leaves', async () => {
    const [first] = [await server().connect(), await server().connect()];
    expect(await greetingCode(server())).toBe(421);
    await first.command('QUIT');
    while ((await greetingCode(server())) !== 220);
  });
});

describe('the most sessions of an address', () => {
  const server = serverWith({ maxSessionsPerIp: 1 });

  test('the next client from there is told 421', async () => {
    const client = await server().connect();
    expect(await greetingCode(server())).toBe(421);
    expect((await client.command('NOOP')).code).toBe(200);
  });
});

describe('the most sessions of an account', () => {
  const server = serverWith({ maxSessionsPerUser: 1 });

  test('the next login is 530, until the other one is over', async () => {
    const first = await server().signUp();
    const second = await server().connect();
    const login = async () => {
      await second.command('USER anna');
      return (await second.command('PASS correct horse')).code;
    };
    expect(await login()).toBe(530);
    await first.command('REIN');
    expect(await login()).toBe(230);
    // Whoever logs in again takes no second place.
    expect(await login()).toBe(230);
  });
});

describe('time limits', () => {
  const server = serverWith({ loginTimeoutMs: 300, idleTimeoutMs: 600 });

  test('who does not log in in time is told 421', async () => {
    const client = await server().connect();
    expect(await client.reply()).toEqual({
      code: 421,
      lines: ['421 Login timeout; closing control connection.'],
    });
    expect(await client.replyOrEnd()).toBeUndefined();
  });

  test('so is who is logged in and does nothing', async () => {
    const client = await server().signUp();
    expect(await client.reply()).toEqual({
      code: 421,
      lines: ['421 Idle timeout; closing control connection.'],
    });
    expect(await client.replyOrEnd()).toBeUndefined();
  });
});

describe('anonymous', () => {
  let directory: string;
  let server: TestServer;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'myftp-anonymous-'));
    await mkdir(join(directory, 'pub'));
    await writeFile(join(directory, 'pub', 'readme'), 'welcome');
    server = await TestServer.start({ settings: { anonymousDir: directory } });
  });
  afterAll(async () => {
    await server.dispose();
    await rm(directory, { recursive: true });
  });

  test.each(['anonymous', 'ftp', 'Anonymous'])('%s logs in with any password', async (name) => {
    const client = await server.connect();
    expect((await client.command(`USER ${name}`)).code).toBe(331);
    expect((await client.command('PASS')).code).toBe(230);
  });

  test('reads and lists', async () => {
    const client = await server.login('anonymous', 'me@example.com');
    expect((await client.retrieve('RETR pub/readme')).data.toString()).toBe('welcome');
    expect((await client.retrieve('NLST pub')).data.toString()).toBe('pub/readme\r\n');
    expect((await client.command('MLST pub/readme')).lines[1]).not.toMatch(/perm=\w*[adfmpw]/);
    expect((await client.command('XMD5 pub/readme')).code).toBe(250);
  });

  test('changes nothing', async () => {
    const client = await server.login('anonymous', 'me@example.com');
    for (const line of ['STOR x', 'APPE pub/readme', 'STOU']) {
      expect((await client.store(line, 'x')).opening.code).toBe(550);
    }
    for (const line of [
      ...['DELE pub/readme', 'MKD x', 'RMD pub', 'MFMT 20200101000000 pub/readme'],
      ...['SITE CHMOD 777 pub', 'SITE UTIME 20200101000000 pub', 'SITE PASSWD'],
    ]) {
      expect([line, (await client.command(line)).code]).toEqual([line, 550]);
    }
    expect((await client.command('RNFR pub/readme')).code).toBe(550);
    expect(await readdir(directory)).toEqual(['pub']);
    expect((await client.command('SITE QUOTA')).code).toBe(200);
    expect((await client.command('AVBL')).lines).toEqual(['213 0']);
  });
});

describe('without --anonymous', () => {
  const server = serverWith({});

  test('anonymous is a name like others, that nobody has', async () => {
    const client = await server().connect();
    await client.command('USER anonymous');
    expect((await client.command('PASS me@example.com')).code).toBe(530);
  });
});

describe('names that are not UTF-8', () => {
  const server = serverWith({ fallbackEncoding: 'windows-1252' });

  test('are read in the fallback encoding, and stored as UTF-8', async () => {
    const client = await server().signUp();
    client.send(Buffer.from('MKD gr\xfc\xdfe\r\n', 'latin1'));
    expect((await client.reply()).lines).toEqual(['257 "/grüße" created.']);
    expect((await client.command('CWD grüße')).code).toBe(250);
  });
});

test('signals still reach who listens to them, and end nothing by themselves', async () => {
  const before = ['SIGINT', 'SIGTERM', 'SIGQUIT'].map((signal) => process.listenerCount(signal));
  const server = await TestServer.start();
  const after = ['SIGINT', 'SIGTERM', 'SIGQUIT'].map((signal) => process.listenerCount(signal));
  await server.dispose();
  expect(after).toEqual(before);
});
