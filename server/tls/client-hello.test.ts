import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import { type ClientHello, readClientHello } from './client-hello.ts';
import { ControlTls } from './control-tls.ts';

/** The first octets that Node's TLS client sends. */
async function helloOctets(options: ConnectionOptions): Promise<Buffer> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const client = connectTls({ port, host: '127.0.0.1', ...options }).on('error', () => {});
  const [socket] = (await once(listener, 'connection')) as [Socket];
  const [octets] = (await once(socket, 'data')) as [Buffer];
  client.destroy();
  socket.destroy();
  listener.close();
  return octets;
}

function read(octets: Buffer): ClientHello {
  const hello = readClientHello(octets);
  if (hello === undefined || hello === 'incomplete') throw new Error(String(hello));
  return hello;
}

describe('the ClientHello of a real client', () => {
  test('lists the versions that it accepts', async () => {
    expect(read(await helloOctets({})).acceptsTls12).toBe(true);
    expect(read(await helloOctets({ maxVersion: 'TLSv1.2' })).acceptsTls12).toBe(true);
    expect(read(await helloOctets({ minVersion: 'TLSv1.3' })).acceptsTls12).toBe(false);
  });

  test('is incomplete until its last octet has come', async () => {
    const octets = await helloOctets({});
    for (let length = 0; length < octets.length; length++) {
      expect(readClientHello(octets.subarray(0, length))).toBe('incomplete');
    }
  });

  test('is read whatever follows it', async () => {
    const octets = await helloOctets({});
    expect(read(Buffer.concat([octets, Buffer.from('more')]))).toEqual(read(octets));
  });

  test('that is damaged anywhere makes no exception', async () => {
    const octets = await helloOctets({});
    for (let offset = 0; offset < octets.length; offset++) {
      const damaged = Buffer.from(octets);
      damaged[offset] = 255 - (damaged[offset] ?? 0);
      expect(() => readClientHello(damaged)).not.toThrow();
    }
  });
});

test('what is not TLS is no ClientHello', () => {
  expect(readClientHello(Buffer.from('USER anna\r\n'))).toBeUndefined();
  expect(readClientHello(Buffer.from([22, 3, 1, 255, 255, 1]))).toBeUndefined();
});

describe('the session that a client wants to resume', () => {
  let tls: ControlTls;

  beforeAll(async () => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'x' }], {
      keyType: 'ec',
    });
    tls = new ControlTls({ certPem: cert, keyPem: key }, { sessionReuse: 'prefer' });
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('is a ticket in %s', async (version) => {
    const only = {
      ...{ minVersion: version, maxVersion: version, rejectUnauthorized: false },
      // Node offers a session only to the host that it was made with.
      servername: 'localhost',
    };
    const session = await sessionWith(tls, only);
    const fresh = read(await helloOctets(only));
    const resuming = read(await helloOctets({ ...only, session }));
    expect([fresh.tickets.length, resuming.tickets.length]).toEqual([0, 1]);
  });
});

async function sessionWith(tls: ControlTls, options: ConnectionOptions): Promise<Buffer> {
  const listener = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  listener.on('connection', (socket) => void tls.secureControl(socket).on('error', () => {}));
  const plain = connect((listener.address() as AddressInfo).port, '127.0.0.1');
  const client = connectTls({ socket: plain, ...options });
  const [session] = (await once(client, 'session')) as [Buffer];
  client.destroy();
  listener.close();
  return session;
}
