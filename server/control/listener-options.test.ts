import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import koffi from 'koffi';
import { until } from '../../tests/journeys/server-process.ts';
import type { ControlClient } from '../testing/control-client.ts';
import { TestServer } from '../testing/test-server.ts';
import { KEEP_ALIVE_IDLE_SECONDS, setListenerOptions } from './listener-options.ts';

const MSG_OOB = 1;
const IAC = 0xff;
const IP = 0xf4;
const DM = 0xf2;

/** Of /proc/net/tcp: the timer for keep-alive, and its unit. */
const KEEP_ALIVE_TIMER = '02';
const TICKS_PER_SECOND = 100;

const send = koffi.load(null).func('long send(int, const void *, size_t, int)');

/** Sends octets of which the last one is urgent. */
function sendUrgently({ socket }: ControlClient, octets: Uint8Array): void {
  const { fd } = (socket as Socket & { _handle: { fd: number } })._handle;
  expect(send(fd, octets, octets.length, MSG_OOB)).toBe(octets.length);
}

describe('urgent data', () => {
  let server: TestServer;
  let client: ControlClient;

  beforeAll(async () => {
    server = await TestServer.start();
    client = await server.signUp();
  });
  afterAll(() => server.dispose());

  test.each([
    ['NOOP', 200],
    ['ABOR', 226],
    ['STAT', 211],
    ['PWD', 257],
    ['XYZZY', 500],
  ])('%s is a command of its own', async (line, code) => {
    sendUrgently(client, Buffer.from(`${line}\r\n`));
    expect((await client.reply()).code).toBe(code);
    sendUrgently(client, Buffer.from(`${line}\r\n`));
    client.send('SYST\r\n');
    expect([(await client.reply()).code, (await client.reply()).code]).toEqual([code, 215]);
  });

  test.each([
    ['IAC IP, and IAC DM urgent', [IAC, IP], [IAC, DM], 'ABOR\r\n'],
    ['IAC IP, and IAC urgent before DM, as tnftp sends it', [IAC, IP], [IAC], '\xf2ABOR\r\n'],
    ['all of it urgent', [], [IAC, IP, IAC, DM, ...Buffer.from('ABOR\r\n')], ''],
  ])('the Telnet signal before ABOR: %s', async (_, before, urgent, after) => {
    if (before.length > 0) client.send(Buffer.from(before));
    sendUrgently(client, Buffer.from(urgent));
    client.send(Buffer.from(after, 'latin1'));
    expect((await client.reply()).code).toBe(226);
    expect((await client.command('NOOP')).code).toBe(200);
  });

  test('a listener without a descriptor is told, and harmless', () => {
    const closed: Server = createServer();
    expect(setListenerOptions(closed)).toBe(false);
  });
});

describe('keep-alive', () => {
  test.each(['plain', 'implicit TLS'])(
    'looks for a silent client within minutes: %s',
    async (kind) => {
      const server = await TestServer.start({ settings: { tls: 'optional', implicitPort: 0 } });
      try {
        const client = kind === 'plain' ? await server.connect() : await server.connectTls();
        const serverPort = kind === 'plain' ? server.port : server.implicitPort;
        let seconds: number | undefined;
        // Another timer runs until the client's system has confirmed the last reply.
        await until(() => {
          seconds = secondsToProbe(serverPort, client.socket.localPort ?? -1);
          return seconds !== undefined;
        });
        expect(seconds).toBeGreaterThan(KEEP_ALIVE_IDLE_SECONDS - 20);
        expect(seconds).toBeLessThanOrEqual(KEEP_ALIVE_IDLE_SECONDS);
      } finally {
        await server.dispose();
      }
    },
  );
});

/** When the system sends the next probe; undefined while another timer runs. */
function secondsToProbe(localPort: number, peerPort: number): number | undefined {
  const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, '0');
  const line = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((text) => text.trim().split(/\s+/))
    .find(
      ([, local, peer]) =>
        local?.endsWith(`:${hex(localPort)}`) && peer?.endsWith(`:${hex(peerPort)}`),
    );
  const [timer, ticks = ''] = line?.[5]?.split(':') ?? [];
  return timer === KEEP_ALIVE_TIMER ? Number.parseInt(ticks, 16) / TICKS_PER_SECOND : undefined;
}
