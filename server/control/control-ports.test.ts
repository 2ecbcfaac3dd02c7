import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { ControlPorts } from './control-ports.ts';

const log = pino({ level: 'silent' });
let ports: ControlPorts;
let clients: Socket[];

beforeEach(async () => {
  ports = await ControlPorts.open({
    host: '127.0.0.1',
    port: 0,
    implicitPort: 0,
    maxSessions: 2,
    log,
  });
  clients = [];
});

afterEach(() => {
  for (const client of clients) client.destroy();
  ports.close();
});

async function connected(port: number): Promise<Socket> {
  const client = connect(port, '127.0.0.1').on('error', () => {});
  clients.push(client);
  await once(client, 'connect');
  return client;
}

function greetAs(name: string) {
  return (socket: Socket) => {
    socket.end(`220 ${name}\r\n`, () => socket.destroy());
  };
}

test('a client that connects during the start is greeted when the server is ready', async () => {
  const early = await connected(ports.port);
  const earlyTls = await connected(ports.implicitPort ?? 0);
  early.write('NOOP\r\n');
  await turn();
  expect(early.bytesRead).toBe(0);
  ports.accept({ plain: greetAs('plain'), implicit: greetAs('implicit') });
  expect(String((await once(early, 'data'))[0])).toBe('220 plain\r\n');
  expect(String((await once(earlyTls, 'data'))[0])).toBe('220 implicit\r\n');
  const later = await connected(ports.port);
  expect(String((await once(later, 'data'))[0])).toBe('220 plain\r\n');
});

test('a start that fails closes the connections that wait', async () => {
  const early = await connected(ports.port);
  early.resume();
  ports.close();
  await once(early, 'close');
});

test('no more wait than there may be sessions', async () => {
  await connected(ports.port);
  await connected(ports.port);
  const third = await connected(ports.port);
  third.resume();
  await once(third, 'close');
});

test('a port in use is named, and the other one is closed again', async () => {
  const options = { host: '127.0.0.1', port: 0, maxSessions: 2, log };
  const attempt = ControlPorts.open({ ...options, implicitPort: ports.port });
  await expect(attempt).rejects.toMatchObject({
    message: `--implicit-port ${ports.port}: another program uses this port already.`,
    exitCode: 75,
  });
});
