import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import koffi from 'koffi';
import type { ControlClient } from '../testing/control-client.ts';
import { TestServer } from '../testing/test-server.ts';
import { keepUrgentDataInLine } from './urgent-data.ts';

const MSG_OOB = 1;
const IAC = 0xff;
const IP = 0xf4;
const DM = 0xf2;

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
    expect(keepUrgentDataInLine(closed)).toBe(false);
  });
});
