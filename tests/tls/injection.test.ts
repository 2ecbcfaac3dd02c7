import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TestServer } from '../../server/testing/test-server.ts';

const AUTH = 'AUTH TLS\r\n';

/** What somebody on the way would put behind AUTH, to have it obeyed inside of TLS. */
const INJECTED = 'USER mallory\r\n';

describe('octets in clear behind AUTH', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start({ settings: { tls: 'optional', implicitPort: 0 } });
    await (await server.signUp()).close();
  });
  afterAll(() => server.dispose());

  /** A control connection in clear that gathers all it is sent. */
  async function open(): Promise<{
    socket: Socket;
    received: () => string;
    closed: Promise<unknown>;
  }> {
    const socket = connect({ port: server.port, host: '127.0.0.1', noDelay: true });
    let text = '';
    socket.on('error', () => {});
    const closed = once(socket, 'close');
    const greeted = once(socket, 'data');
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    await greeted;
    return { socket, received: () => text, closed };
  }

  /** Until the server has seen what was sent before on another connection. */
  async function serverHasRead(): Promise<void> {
    const other = await server.connect();
    for (let round = 0; round < 3; round += 1) await other.command('NOOP');
    await other.close();
  }

  test('in the same write end the connection, and are not answered', async () => {
    const { socket, received, closed } = await open();
    socket.write(AUTH + INJECTED);
    await closed;
    expect(received()).not.toMatch(/331|234/);
  });

  test.each([
    ['one octet', 'U'],
    ['a line end', '\r\n'],
    ['a blank', ' '],
    ['a Telnet command', '\xff\xf2'],
    ['NUL', '\0'],
    ['a line that is too long', 'x'.repeat(5000)],
    ['many lines', 'NOOP\r\n'.repeat(1000)],
    ['a second AUTH', AUTH],
    ['QUIT', 'QUIT\r\n'],
    ['ABOR', 'ABOR\r\n'],
    ['STAT', 'STAT\r\n'],
  ])('end it also if they are %s', async (_, octets) => {
    const { socket, received, closed } = await open();
    socket.write(Buffer.from(AUTH + octets, 'latin1'));
    await closed;
    expect(received()).toBe('220 MyFTP ready.\r\n');
  });

  test('after other commands, too', async () => {
    const { socket, received, closed } = await open();
    socket.write(`NOOP\r\nUSER anna\r\n${AUTH}PASS correct horse\r\n`);
    await closed;
    expect(received()).not.toMatch(/^(230|234|503|530)/m);
  });

  // Wherever the network cuts them: the first part is read on its own.
  test.each(Array.from(AUTH + INJECTED, (_, offset) => offset).slice(1))(
    'cut at offset %i are never obeyed, neither in clear nor inside of TLS',
    async (offset) => {
      const { socket, received, closed } = await open();
      const whole = AUTH + INJECTED;
      socket.write(whole.slice(0, offset));
      await serverHasRead();
      socket.write(whole.slice(offset));
      await closed;
      expect(received()).not.toContain('331');
      // Whole, AUTH is answered; then the handshake fails, as what follows is none.
      expect(received().includes('234')).toBe(offset === AUTH.length);
    },
  );

  test('ahead of a handshake make it fail', async () => {
    const { socket, received } = await open();
    socket.write(AUTH);
    while (!received().includes('234')) await once(socket, 'data');
    socket.removeAllListeners('data');
    socket.write(INJECTED);
    const secured = connectTls({ socket, rejectUnauthorized: false });
    const [error] = (await once(secured, 'error')) as [Error];
    expect(error).toBeDefined();
  });

  test('a client that pipelines inside of TLS is not hurt', async () => {
    const client = await server.connect();
    await client.startTls();
    client.send('USER anna\r\nPASS correct horse\r\nPBSZ 0\r\nPROT P\r\nPWD\r\n');
    const codes: number[] = [];
    for (let reply = 0; reply < 5; reply += 1) codes.push((await client.reply()).code);
    expect(codes).toEqual([331, 230, 200, 200, 257]);
  });

  test('a client that pipelines up to AUTH is not hurt', async () => {
    const client = await server.connect();
    client.send(`NOOP\r\nSYST\r\n`);
    expect((await client.reply()).code).toBe(200);
    expect((await client.reply()).code).toBe(215);
    await client.startTls();
    expect((await client.command('NOOP')).code).toBe(200);
  });

  test('in clear at the implicit port are not obeyed', async () => {
    const socket = connect({ port: server.implicitPort, host: '127.0.0.1' });
    let text = '';
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    socket.write(INJECTED);
    await once(socket, 'close');
    expect(text).not.toMatch(/220|331/);
  });
});
