import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../testing/control-client.ts';
import { TestServer } from '../testing/test-server.ts';

const PASSWORD = 'correct horse';

describe('logging in', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start();
    await (await server.signUp('anna', PASSWORD)).close();
    await (await server.signUp('berta', ' blanks  & ümläuts ')).close();
  });
  afterAll(() => server.dispose());

  async function code(client: ControlClient, line: string): Promise<number> {
    return (await client.command(line)).code;
  }

  test('USER is 331, PASS is 230', async () => {
    const client = await server.connect();
    expect(await code(client, 'USER anna')).toBe(331);
    expect(await code(client, `PASS ${PASSWORD}`)).toBe(230);
    expect(await code(client, 'PWD')).toBe(257);
  });

  test('a password is everything behind the first blank', async () => {
    const client = await server.connect();
    await client.command('USER berta');
    expect(await code(client, 'PASS  blanks  & ümläuts ')).toBe(230);
  });

  test('PASS without USER is 503', async () => {
    expect(await code(await server.connect(), `PASS ${PASSWORD}`)).toBe(503);
  });

  test('a wrong password and an unknown name are told in the same words', async () => {
    const client = await server.connect();
    await client.command('USER anna');
    const wrong = await client.command('PASS wrong');
    await client.command('USER nobody-here');
    const unknown = await client.command(`PASS ${PASSWORD}`);
    expect(wrong).toEqual({ code: 530, lines: ['530 Wrong username or password.'] });
    expect(unknown).toEqual(wrong);
  });

  test('after a wrong password, USER begins anew', async () => {
    const client = await server.connect();
    await client.command('USER anna');
    await client.command('PASS');
    expect(await code(client, `PASS ${PASSWORD}`)).toBe(503);
    await client.command('USER anna');
    expect(await code(client, `PASS ${PASSWORD}`)).toBe(230);
  });

  test('of two names, the last one counts', async () => {
    const client = await server.connect();
    await client.command('USER nobody-here');
    expect(await code(client, 'USER anna')).toBe(331);
    expect(await code(client, `PASS ${PASSWORD}`)).toBe(230);
  });

  test('PASS after a login is 202', async () => {
    const client = await server.login('anna', PASSWORD);
    expect(await code(client, `PASS ${PASSWORD}`)).toBe(202);
    expect(await code(client, 'PWD')).toBe(257);
  });

  test('USER after a login ends it, and leaves the parameters of transfers (RFC 959 §4.1.1)', async () => {
    const client = await server.login('anna', PASSWORD);
    await client.store('STOR a', 'a');
    expect(await code(client, 'USER anna')).toBe(331);
    expect(await code(client, 'SIZE a')).toBe(530);
    await client.command(`PASS ${PASSWORD}`);
    expect(await code(client, 'SIZE a')).toBe(213);
  });

  test('REIN ends the login and resets the parameters', async () => {
    const client = await server.login('anna', PASSWORD);
    await client.command('EPSV ALL');
    await client.command('OPTS HASH MD5');
    expect(await code(client, 'REIN')).toBe(220);
    expect(await code(client, 'PWD')).toBe(530);
    expect(await code(client, `PASS ${PASSWORD}`)).toBe(503);
    await client.command('USER anna');
    expect(await code(client, `PASS ${PASSWORD}`)).toBe(230);
    expect(await code(client, 'SIZE a')).toBe(550);
    expect((await client.command('OPTS HASH')).lines).toEqual(['200 SHA-256']);
    expect(await code(client, 'PASV')).toBe(227);
  });

  test('each account has files of its own', async () => {
    const anna = await server.login('anna', PASSWORD);
    await anna.store('STOR mine', 'mine');
    await anna.command('REIN');
    await anna.command('USER berta');
    await anna.command('PASS  blanks  & ümläuts ');
    expect((await anna.retrieve('NLST')).data.toString()).not.toContain('mine');
  });

  test('HOST comes before USER (RFC 7151 §3.3)', async () => {
    const client = await server.connect();
    expect(await code(client, 'HOST ftp.example.com')).toBe(220);
    expect(await code(client, 'HOST [2001:db8::1]')).toBe(220);
    expect(await code(client, 'HOST not a host')).toBe(501);
    await client.login('anna', PASSWORD);
    expect(await code(client, 'HOST ftp.example.com')).toBe(503);
  });

  test('QUIT is 221, and the connection ends', async () => {
    const client = await server.connect();
    expect(await code(client, 'QUIT')).toBe(221);
    expect(await client.replyOrEnd()).toBeUndefined();
  });

  test('a client that has sent all and closed its half still gets its replies', async () => {
    const client = await server.connect();
    client.socket.end('NOOP\r\nSYST\r\n');
    expect((await client.reply()).code).toBe(200);
    expect((await client.reply()).code).toBe(215);
    expect(await client.replyOrEnd()).toBeUndefined();
  });

  test.each(['GET / HTTP/1.1', 'POST /cgi HTTP/1.0', 'CONNECT example.com:25 HTTP/1.1'])(
    '%s closes the connection',
    async (line) => {
      const client = await server.connect();
      client.send(`${line}\r\nHost: x\r\nUSER anna\r\n`);
      expect((await client.reply()).code).toBe(421);
      expect(await client.replyOrEnd()).toBeUndefined();
    },
  );

  test('five wrong passwords close the connection', async () => {
    const client = await server.connect();
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      // Different names, or the growing delays would make the test slow.
      await client.command(`USER guess-${attempt}`);
      expect(await code(client, 'PASS guess')).toBe(530);
    }
    expect((await client.reply()).code).toBe(421);
    expect(await client.replyOrEnd()).toBeUndefined();
  });
});
