import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type SecureVersion } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ControlClient } from '../../server/testing/control-client.ts';
import { TestServer } from '../../server/testing/test-server.ts';
import { VERSIONS } from './tls-version.ts';

/** A record that says to be a ClientHello and is none. */
const GARBAGE = Buffer.concat([
  Buffer.from([22, 3, 1, 0, 200, 1, 0, 0, 196]),
  Buffer.alloc(196, 7),
]);

/** The first octets of a ClientHello, that nothing follows. */
const HALF = GARBAGE.subarray(0, 20);

function open(port: number): Socket {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.on('error', () => {});
  return socket;
}

function closed(socket: Socket): Promise<void> {
  socket.resume();
  return new Promise((resolve) => socket.on('close', () => resolve()));
}

describe('a handshake that fails', () => {
  let server: TestServer;
  let client: ControlClient;

  beforeAll(async () => {
    server = await TestServer.start({ settings: { tls: 'optional', implicitPort: 0 } });
    await (await server.signUp()).close();
    client = await server.loginWithTls();
    await client.store('STOR file', '0123456789');
  });
  afterAll(() => server.dispose());

  async function expectWorking(): Promise<void> {
    expect((await client.retrieve('RETR file')).data.toString()).toBe('0123456789');
  }

  describe('on a data connection', () => {
    test.each(['RETR file', 'STOR other', 'APPE other', 'MLSD'])(
      'because it is in clear ends %s with 522, and nothing is stored',
      async (command) => {
        const data = await client.openPlainData();
        const over = closed(data);
        data.write('this is not TLS\r\n');
        expect((await client.command(command)).code).toBe(150);
        expect((await client.reply()).code).toBe(522);
        await over;
        expect((await client.command('SIZE other')).code).toBe(550);
        await expectWorking();
      },
    );

    test.each([
      ['garbage', GARBAGE],
      ['the answer to a greeting', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ])('because it is %s ends it with 522', async (_, octets) => {
      const data = await client.openPlainData();
      data.write(octets);
      await client.command('RETR file');
      expect((await client.reply()).code).toBe(522);
      await expectWorking();
    });

    test.each([
      ['closes', (data: Socket) => data.end()],
      ['resets', (data: Socket) => data.resetAndDestroy()],
      ['closes in the middle', (data: Socket) => data.end(HALF)],
    ])('because the client %s ends it with 522 or 426', async (_, leave) => {
      const data = await client.openPlainData();
      await client.command('RETR file');
      leave(data);
      expect([426, 522]).toContain((await client.reply()).code);
      await expectWorking();
    });

    test.each(['nothing at all', 'half of it'])(
      'because the client sends %s can be aborted, and STAT and NOOP are answered meanwhile',
      async (what) => {
        const data = await client.openPlainData();
        if (what === 'half of it') data.write(HALF);
        expect((await client.command('RETR file')).code).toBe(150);
        expect((await client.command('STAT')).code).toBe(211);
        expect((await client.command('NOOP')).code).toBe(200);
        client.send('ABOR\r\n');
        expect((await client.reply()).code).toBe(426);
        expect((await client.reply()).code).toBe(226);
        await expectWorking();
      },
    );
  });

  describe('sends the alert before it closes', () => {
    /** TLS 1.1 is the newest that this client speaks. */
    const OLD_HELLO = Buffer.concat([
      Buffer.from('160301002f0100002b0302', 'hex'),
      Buffer.alloc(32, 7),
      Buffer.from('000004002fc0130100', 'hex'),
    ]);
    const PROTOCOL_VERSION = [2, 70];
    const DECODE_ERROR = [2, 50];

    /** The alert that comes before the end: its level and its description (RFC 8446 §6). */
    async function alertAfter(socket: Socket, octets: Buffer): Promise<number[]> {
      const received = socket.toArray();
      socket.write(octets);
      const record = Buffer.concat(await received);
      expect(record[0]).toBe(21);
      return [...record.subarray(5)];
    }

    test.each([
      ['of an old version', OLD_HELLO, PROTOCOL_VERSION],
      ['that cannot be read', GARBAGE, DECODE_ERROR],
    ])('after a ClientHello %s', async (_, octets, alert) => {
      const explicit = open(server.port);
      await once(explicit, 'data');
      explicit.write('AUTH TLS\r\n');
      await once(explicit, 'data');
      expect(await alertAfter(explicit, octets)).toEqual(alert);

      expect(await alertAfter(open(server.implicitPort), octets)).toEqual(alert);

      const data = await client.openPlainData();
      const received = alertAfter(data, octets);
      await client.command('RETR file');
      expect((await client.reply()).code).toBe(522);
      expect(await received).toEqual(alert);
    });
  });

  describe('on a control connection', () => {
    async function afterAuth(): Promise<Socket> {
      const socket = open(server.port);
      await once(socket, 'data');
      socket.write('AUTH TLS\r\n');
      await once(socket, 'data');
      return socket;
    }

    test.each([
      ['garbage', GARBAGE],
      ['commands in clear', Buffer.from('USER anna\r\nPASS correct horse\r\n')],
    ])('because of %s ends it', async (_, octets) => {
      const socket = await afterAuth();
      socket.write(octets);
      await closed(socket);
      await expectWorking();
    });

    test('because of garbage at the implicit port ends it', async () => {
      const socket = open(server.implicitPort);
      socket.write(GARBAGE);
      await closed(socket);
      await expectWorking();
    });

    test.each(['TLSv1', 'TLSv1.1'] satisfies SecureVersion[])(
      'because of %s ends it',
      async (old) => {
        const secured = connectTls({
          port: server.implicitPort,
          host: '127.0.0.1',
          rejectUnauthorized: false,
          minVersion: old,
          maxVersion: old,
          ciphers: 'DEFAULT@SECLEVEL=0',
        });
        const [error] = (await once(secured, 'error')) as [{ code: string }];
        expect(error.code).toMatch(/ALERT_PROTOCOL_VERSION/);
      },
    );
  });

  test('leaves no descriptor open, after 200 of them', async () => {
    const failures: (() => Promise<void>)[] = [
      async () => {
        const socket = open(server.implicitPort);
        socket.write(GARBAGE);
        await closed(socket);
      },
      async () => {
        const socket = open(server.implicitPort);
        await once(socket, 'connect');
        socket.resetAndDestroy();
        await closed(socket);
      },
      async () => {
        const data = await client.openPlainData();
        const over = closed(data);
        data.write(GARBAGE);
        await client.command('RETR file');
        await client.reply();
        await over;
      },
      async () => {
        const data = await client.openPlainData();
        await client.command('STOR other');
        data.resetAndDestroy();
        await client.reply();
      },
    ];
    const descriptors = () => readdirSync('/proc/self/fd').length;
    const round = async (times: number) => {
      for (let time = 0; time < times; time += 1) for (const fail of failures) await fail();
      await expectWorking();
    };
    await round(2);
    const before = descriptors();
    await round(50);
    // Sockets close a little after their peers have.
    for (let turn = 0; turn < 200 && descriptors() > before; turn += 1)
      await client.command('NOOP');
    expect(descriptors()).toBeLessThanOrEqual(before);
  });
});

describe('a client that begins a handshake and falls silent', () => {
  let server: TestServer;

  beforeAll(async () => {
    const settings = { tls: 'optional', implicitPort: 0, loginTimeoutMs: 200 } as const;
    server = await TestServer.start({ settings });
  });
  afterAll(() => server.dispose());

  test('at the implicit port is closed when the time for the login is over', async () => {
    const socket = open(server.implicitPort);
    socket.write(HALF);
    await closed(socket);
  });

  test('after AUTH, too', async () => {
    const socket = open(server.port);
    await once(socket, 'data');
    socket.write('AUTH TLS\r\n');
    await once(socket, 'data');
    socket.write(HALF);
    await closed(socket);
  });

  test.each(VERSIONS)(
    'who has shaken hands in %s and does not log in is told so',
    async (version) => {
      const late = await server.connectTls({ minVersion: version, maxVersion: version });
      expect((await late.reply()).code).toBe(421);
      expect(await late.replyOrEnd()).toBeUndefined();
    },
  );
});
