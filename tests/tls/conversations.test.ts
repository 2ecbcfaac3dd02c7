import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../../server/testing/control-client.ts';
import { TestServer } from '../../server/testing/test-server.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Around the borders of TLS records, of small and of large buffers. */
const SIZES = [
  ...[0, 1, 16 * KIB - 1, 16 * KIB, 16 * KIB + 1, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1],
  ...[MIB - 1, MIB, MIB + 1, 5 * MIB],
];

describe.each(['plain', 'TLS'])('a conversation over %s', (kind) => {
  let server: TestServer;
  let client: ControlClient;

  beforeAll(async () => {
    server = await TestServer.start({ settings: { tls: 'optional' } });
    await (await server.signUp()).close();
    client = await login();
  });
  afterAll(() => server.dispose());

  function login(): Promise<ControlClient> {
    return kind === 'TLS' ? server.loginWithTls() : server.login();
  }

  async function codes(replies: number, from = client): Promise<number[]> {
    const all: number[] = [];
    for (let reply = 0; reply < replies; reply += 1) all.push((await from.reply()).code);
    return all;
  }

  test.each(SIZES)('%i octets go up and come down as they are', async (size) => {
    const content = randomBytes(size);
    expect((await client.store('STOR file', content)).closing.code).toBe(226);
    expect((await client.command('SIZE file')).lines).toEqual([`213 ${size}`]);
    const { closing, data } = await client.retrieve('RETR file');
    expect(closing.code).toBe(226);
    expect(data.equals(content)).toBe(true);
  });

  test('text has its line ends changed, both ways', async () => {
    const lines = 'one line\n'.repeat(30_000);
    await client.command('TYPE A');
    await client.store('STOR text', lines.replaceAll('\n', '\r\n'));
    const { data } = await client.retrieve('RETR text');
    expect(data.toString() === lines.replaceAll('\n', '\r\n')).toBe(true);
    await client.command('TYPE I');
    expect((await client.retrieve('RETR text')).data.toString() === lines).toBe(true);
  });

  test('listings arrive whole', async () => {
    await client.command('MKD many');
    for (let file = 0; file < 200; file += 1) client.send(`MKD many/directory-${file}\r\n`);
    expect(new Set(await codes(200))).toEqual(new Set([257]));
    for (const command of ['LIST many', 'NLST many', 'MLSD many']) {
      const { closing, data } = await client.retrieve(command);
      expect(closing.code).toBe(226);
      expect(data.toString().match(/directory-\d+\r\n/g)).toHaveLength(200);
    }
  });

  test('REST and APPE go on where they are told to', async () => {
    await client.store('STOR parts', 'abcdef');
    await client.command('REST 3');
    await client.store('STOR parts', 'DEF');
    await client.store('APPE parts', 'ghi');
    await client.command('REST 2');
    expect((await client.retrieve('RETR parts')).data.toString()).toBe('cDEFghi');
  });

  test('what is pipelined is answered in order', async () => {
    client.send('NOOP\r\nPWD\r\nSYST\r\nNOPE\r\nTYPE I\r\nSIZE nothing\r\nNOOP\r\n');
    expect(await codes(7)).toEqual([200, 257, 215, 500, 200, 550, 200]);
  });

  test('a command may arrive octet by octet', async () => {
    for (const octet of 'NOOP\r\n') client.send(octet);
    expect((await client.reply()).code).toBe(200);
  });

  test('NOOP and STAT are answered during a transfer, other commands after it', async () => {
    const data = await client.openData();
    expect((await client.command('STOR slow')).code).toBe(150);
    client.send('NOOP\r\nSTAT\r\nPWD\r\n');
    expect(await codes(2)).toEqual([200, 211]);
    data.resume().end('done');
    expect(await codes(2)).toEqual([226, 257]);
  });

  test('ABOR ends an upload, which can be resumed', async () => {
    const data = await client.openData();
    await client.command('STOR aborted');
    data.on('error', () => {});
    await new Promise((resolve) => data.write('half', resolve));
    while (!(await client.command('STAT')).lines.join().includes('4 bytes'));
    client.send('ABOR\r\n');
    expect(await codes(2)).toEqual([426, 226]);
    await client.command('REST 4');
    await client.store('STOR aborted', ' whole');
    expect((await client.retrieve('RETR aborted')).data.toString()).toBe('half whole');
  });

  test('ABOR ends a download that its client does not read', async () => {
    await client.store('STOR large', Buffer.alloc(20 * MIB));
    const data = await client.openData();
    data.pause();
    expect((await client.command('RETR large')).code).toBe(150);
    // As clients send it: the Telnet signals IP and Synch first.
    client.send(Buffer.from('\xff\xf4\xff\xf2ABOR\r\n', 'latin1'));
    expect(await codes(2)).toEqual([426, 226]);
    data.destroy();
    expect((await client.command('NOOP')).code).toBe(200);
  });

  test('ABOR without a transfer is 226', async () => {
    expect((await client.command('ABOR')).code).toBe(226);
  });

  test('QUIT waits for its transfer, says goodbye and ends the connection', async () => {
    const leaving = await login();
    const data = await leaving.openData();
    await leaving.command('STOR last');
    leaving.send('QUIT\r\n');
    data.resume().end('done');
    expect(await codes(2, leaving)).toEqual([226, 221]);
    expect(await leaving.replyOrEnd()).toBeUndefined();
    expect((await client.retrieve('RETR last')).data.toString()).toBe('done');
  });

  test('a client that sends QUIT and closes its side gets all replies', async () => {
    const leaving = await login();
    leaving.socket.end('NOOP\r\nPWD\r\nQUIT\r\n');
    expect(await codes(3, leaving)).toEqual([200, 257, 221]);
    expect(await leaving.replyOrEnd()).toBeUndefined();
  });

  test('who logs in again is somebody else', async () => {
    const other = await login();
    await other.command('SITE SIGNUP berta');
    expect((await other.command('PASS battery staple')).code).toBe(230);
    expect((await other.retrieve('NLST')).data).toHaveLength(0);
  });
});

describe.each(['plain', 'TLS'])('an idle session over %s', (kind) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start({ settings: { tls: 'optional', idleTimeoutMs: 1000 } });
    await (await server.signUp()).close();
  });
  afterAll(() => server.dispose());

  test('is told so and closed', async () => {
    const client = kind === 'TLS' ? await server.loginWithTls() : await server.login();
    expect(await client.reply()).toEqual({
      code: 421,
      lines: ['421 Idle timeout; closing control connection.'],
    });
    expect(await client.replyOrEnd()).toBeUndefined();
  });

  test('is not idle while its transfer moves', async () => {
    const client = kind === 'TLS' ? await server.loginWithTls() : await server.login();
    const data = await client.openData();
    await client.command('STOR slow');
    for (let part = 0; part < 4; part += 1) {
      await new Promise((resolve) => data.write('part', resolve));
      // More than the idle time in all.
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
    data.resume().end();
    expect((await client.reply()).code).toBe(226);
  });
});
