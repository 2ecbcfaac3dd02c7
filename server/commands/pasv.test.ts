import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlClient, ReceivedReply } from '../testing/control-client.ts';
import { freePort, freeRange } from '../testing/free-range.ts';
import { TestServer } from '../testing/test-server.ts';

/** The address and the port of reply 227. */
function passiveOf({ lines }: ReceivedReply): { host: string; port: number } {
  const numbers = /\((\d+,\d+,\d+,\d+),(\d+),(\d+)\)/.exec(lines[0] ?? '') ?? [];
  const host = (numbers[1] ?? '').replaceAll(',', '.');
  return { host, port: Number(numbers[2]) * 256 + Number(numbers[3]) };
}

function extendedPortOf({ lines }: ReceivedReply): number {
  return Number(/\(\|\|\|(\d+)\|\)/.exec(lines[0] ?? '')?.[1]);
}

function portArgument(host: string, port: number): string {
  return [...host.split('.'), port >> 8, port & 0xff].join(',');
}

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function dial(target: { host: string; port: number; localAddress?: string }) {
  const socket = connect(target);
  socket.on('error', () => {});
  cleanUps.push(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

async function contentOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** A client's port for data, as PORT and EPRT name it. */
async function dataPort(host: string): Promise<{ port: number; connection: Promise<Socket> }> {
  const listener: Server = createServer().listen({ port: 0, host });
  await once(listener, 'listening');
  cleanUps.push(() => listener.close());
  const connection = once(listener, 'connection').then(([socket]) => socket as Socket);
  return { port: (listener.address() as AddressInfo).port, connection };
}

async function retrieveActively(client: ControlClient, host: string, verb: 'PORT' | 'EPRT') {
  const { port, connection } = await dataPort(host);
  const argument =
    verb === 'PORT' ? portArgument(host, port) : `|${host.includes(':') ? 2 : 1}|${host}|${port}|`;
  const answer = await client.command(`${verb} ${argument}`);
  expect(answer.code).toBe(200);
  expect((await client.command('RETR a.txt')).code).toBe(150);
  const content = await contentOf(await connection);
  expect((await client.reply()).code).toBe(226);
  return content;
}

describe('data connections over IPv4', () => {
  let server: TestServer;
  let client: ControlClient;

  beforeAll(async () => {
    server = await TestServer.start();
    client = await server.signUp();
    await client.store('STOR a.txt', 'hello');
  });
  afterAll(() => server.dispose());

  const code = async (line: string) => (await client.command(line)).code;

  test('PASV names the address that the client came to', async () => {
    const passive = passiveOf(await client.command('PASV'));
    expect(passive.host).toBe('127.0.0.1');
    const data = await dial(passive);
    expect(await code('RETR a.txt')).toBe(150);
    expect(await contentOf(data)).toBe('hello');
    expect((await client.reply()).code).toBe(226);
  });

  test.each(['EPSV', 'EPSV 1', 'epsv 1'])('%s names a port', async (line) => {
    const answer = await client.command(line);
    expect(answer.code).toBe(229);
    const data = await dial({ host: '127.0.0.1', port: extendedPortOf(answer) });
    expect(await code('RETR a.txt')).toBe(150);
    expect(await contentOf(data)).toBe('hello');
    expect((await client.reply()).code).toBe(226);
  });

  test('EPSV of another protocol is 522, and tells the right one', async () => {
    expect(await client.command('EPSV 2')).toEqual({
      code: 522,
      lines: [expect.stringContaining('(1)')],
    });
    expect(await code('EPSV 3')).toBe(522);
    expect(await code('EPSV x')).toBe(501);
  });

  test.each(['PORT', 'EPRT'] as const)('%s makes the server connect', async (verb) => {
    expect(await retrieveActively(client, '127.0.0.1', verb)).toBe('hello');
  });

  test('an upload works over PORT, too', async () => {
    const { port, connection } = await dataPort('127.0.0.1');
    await client.command(`PORT ${portArgument('127.0.0.1', port)}`);
    expect(await code('STOR active.txt')).toBe(150);
    (await connection).end('uploaded');
    expect((await client.reply()).code).toBe(226);
    expect((await client.retrieve('RETR active.txt')).data.toString()).toBe('uploaded');
  });

  test.each([
    'PORT 127,0,0,1,20',
    'PORT 127,0,0,1,20,0,0',
    'PORT 127,0,0,256,20,0',
    'PORT 127,0,0,1,20,x',
    'PORT nonsense',
    'PORT 127,0,0,2,20,0',
    'PORT 192,0,2,1,20,0',
    'PORT 127,0,0,1,0,22',
    'PORT 127,0,0,1,3,255',
    'EPRT |1|127.0.0.1|22|',
    'EPRT |1|127.0.0.1|65536|',
    'EPRT |1|127.0.0.1|5000',
    'EPRT |1|127.0.0.1||',
    'EPRT |1|192.0.2.1|5000|',
    'EPRT |1|::1|5000|',
    'EPRT |2|127.0.0.1|5000|',
    'EPRT |2|::1|5000|',
    'EPRT nonsense',
    'EPRT |1|127.0.0.1|5000|x',
  ])('%s is 501', async (line) => {
    expect(await code(line)).toBe(501);
  });

  test('EPRT of an unknown protocol is 522', async () => {
    expect(await client.command('EPRT |3|127.0.0.1|5000|')).toEqual({
      code: 522,
      lines: [expect.stringContaining('(1,2)')],
    });
  });

  test('a port that nothing listens on is 425, after 150', async () => {
    const port = await freePort();
    await client.command(`PORT ${portArgument('127.0.0.1', port)}`);
    expect(await code('RETR a.txt')).toBe(150);
    expect((await client.reply()).code).toBe(425);
  });

  test('a data connection serves one transfer', async () => {
    await client.retrieve('RETR a.txt');
    expect(await code('RETR a.txt')).toBe(425);
  });

  test('it outlives a command that failed before it was used', async () => {
    const data = await client.openData();
    expect(await code('RETR nothing')).toBe(550);
    expect(await code('RETR a.txt')).toBe(150);
    expect(await contentOf(data)).toBe('hello');
    expect((await client.reply()).code).toBe(226);
  });

  test('a new PASV takes the place of the one before', async () => {
    const first = await client.openData();
    const closed = once(first.resume(), 'close');
    const second = await client.openData();
    await closed;
    expect(await code('RETR a.txt')).toBe(150);
    expect(await contentOf(second)).toBe('hello');
    expect((await client.reply()).code).toBe(226);
  });

  test('a connection from another address gets nothing, and spoils nothing', async () => {
    const passive = passiveOf(await client.command('PASV'));
    const thief = await dial({ ...passive, localAddress: '127.0.0.2' });
    expect(await contentOf(thief)).toBe('');
    const data = await dial(passive);
    expect(await code('RETR a.txt')).toBe(150);
    expect(await contentOf(data)).toBe('hello');
    expect((await client.reply()).code).toBe(226);
  });

  test('EPSV ALL leaves EPSV only (RFC 2428 §4)', async () => {
    const other = await server.login();
    expect((await other.command('EPSV ALL')).code).toBe(200);
    for (const line of ['PASV', 'PORT 127,0,0,1,20,0', 'EPRT |1|127.0.0.1|5000|']) {
      expect((await other.command(line)).code).toBe(503);
    }
    expect((await other.retrieve('RETR a.txt')).data.toString()).toBe('hello');
  });
});

describe('a range of two ports', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await TestServer.start({ settings: { pasvRange: await freeRange(2) } });
    await (await server.signUp()).store('STOR a.txt', 'hello');
  });
  afterAll(() => server.dispose());

  test('serves two sessions in turn, for as long as they like', async () => {
    const [anna, berta] = [await server.login(), await server.login()];
    for (let turn = 0; turn < 40; turn += 1) {
      const [one, other] = await Promise.all([
        anna.retrieve('RETR a.txt'),
        berta.retrieve(turn % 2 === 0 ? 'RETR a.txt' : 'RETR nothing'),
      ]);
      expect(one.data.toString()).toBe('hello');
      expect(other.closing.code).toBe(turn % 2 === 0 ? 226 : 550);
    }
  });

  test('a third session is told that all ports are in use', async () => {
    const sessions = [await server.login(), await server.login(), await server.login()];
    const codes: number[] = [];
    for (const session of sessions) codes.push((await session.command('PASV')).code);
    expect(codes).toEqual([227, 227, 425]);
    // Asking again gives one's own port back first.
    expect((await sessions[0]?.command('PASV'))?.code).toBe(227);
    expect((await sessions[1]?.command('EPSV'))?.code).toBe(229);
    await sessions[0]?.close();
    await untilGranted(sessions[2]);
  });

  /** The server notices within its own time that a session has gone. */
  async function untilGranted(session: ControlClient | undefined): Promise<void> {
    while ((await session?.command('PASV'))?.code !== 227);
  }
});

describe('the public host', () => {
  let server: TestServer;

  beforeAll(async () => {
    const publicHosts = [{ network: undefined, host: '203.0.113.9' }];
    server = await TestServer.start({ settings: { publicHosts } });
  });
  afterAll(() => server.dispose());

  test('is not advertised to neighbours', async () => {
    const client = await server.signUp();
    expect(passiveOf(await client.command('PASV')).host).toBe('127.0.0.1');
  });
});

describe('a public host of a network', () => {
  let server: TestServer;

  beforeAll(async () => {
    const network = { address: '127.0.0.0', prefix: 8 };
    const publicHosts = [{ network, host: '127.0.0.9' }];
    server = await TestServer.start({ settings: { host: '::', publicHosts } });
  });
  afterAll(() => server.dispose());

  test('is advertised to its peers, even if they are on this host', async () => {
    const client = await server.signUp();
    expect(passiveOf(await client.command('PASV')).host).toBe('127.0.0.9');
    await client.store('STOR a.txt', 'hello');
    expect((await client.retrieve('RETR a.txt')).data.toString()).toBe('hello');
  });

  test('changes nothing for EPSV', async () => {
    const client = await server.login();
    expect((await client.command('EPSV')).code).toBe(229);
    expect((await client.retrieve('RETR a.txt')).data.toString()).toBe('hello');
  });
});

describe.each(['::1', '::'])('a server on %s', (host) => {
  let server: TestServer;
  let client: ControlClient;

  beforeAll(async () => {
    server = await TestServer.start({ settings: { host } });
    client = await server.connect('::1');
    await client.signUp('anna', 'correct horse');
    await client.store('STOR a.txt', 'hello');
  });
  afterAll(() => server.dispose());

  test('EPSV works over IPv6', async () => {
    expect((await client.command('EPSV 2')).code).toBe(229);
    expect((await client.command('EPSV 1')).code).toBe(522);
    expect((await client.retrieve('RETR a.txt')).data.toString()).toBe('hello');
  });

  test('EPRT works over IPv6', async () => {
    expect(await retrieveActively(client, '::1', 'EPRT')).toBe('hello');
  });

  test('PASV cannot, and says so', async () => {
    const { code, lines } = await client.command('PASV');
    expect(code).toBe(425);
    expect(lines[0]).toContain('EPSV');
  });

  test('EPRT to IPv4 from IPv6 is refused', async () => {
    expect((await client.command('EPRT |1|127.0.0.1|5000|')).code).toBe(501);
  });

  if (host === '::') {
    test('serves IPv4 clients as an IPv4 server does', async () => {
      const four = await server.login();
      expect(passiveOf(await four.command('PASV')).host).toBe('127.0.0.1');
      expect((await four.command('EPSV 1')).code).toBe(229);
      expect((await four.retrieve('RETR a.txt')).data.toString()).toBe('hello');
      expect(await retrieveActively(four, '127.0.0.1', 'PORT')).toBe('hello');
      expect(await retrieveActively(four, '127.0.0.1', 'EPRT')).toBe('hello');
    });
  }
});
