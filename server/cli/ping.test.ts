import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../testing/free-range.ts';
import { runCommand } from '../testing/run-command.ts';
import { TestServer } from '../testing/test-server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.start({ settings: { host: '::' } });
});

afterAll(() => server.dispose());

function ping(...args: readonly string[]) {
  return runCommand(['ping', ...args]);
}

async function listen(listener: Server): Promise<number> {
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return (listener.address() as AddressInfo).port;
}

test.each(['::', '0.0.0.0', '127.0.0.1', 'localhost'])(
  'ends with 0 if the server on --host %s greets',
  async (host) => {
    const outcome = await ping('--host', host, '--port', String(server.port));
    expect(outcome).toEqual({ code: 0, stdout: '220 MyFTP ready.\n', stderr: '' });
  },
);

test('ends the session in order', async () => {
  const listener = createServer();
  const port = await listen(listener);
  const [[socket]] = await Promise.all([
    once(listener, 'connection').then(([accepted]: Socket[]) => {
      accepted?.write('220 ready\r\n');
      return [accepted];
    }),
    ping('--port', String(port)),
  ]);
  expect(socket && (await text(socket))).toBe('QUIT\r\n');
  listener.close();
});

test.each([
  ['refuses', '421 Too many connections.\r\n', 'the server answered 421 Too many connections.'],
  ['closes the connection', '', 'the server answered nothing'],
])('ends with 1 if the server %s', async (_what, greeting, reason) => {
  const listener = createServer((socket) => socket.on('error', () => {}).end(greeting));
  const port = await listen(listener);
  const outcome = await ping('--port', String(port));
  listener.close();
  expect(outcome).toEqual({
    code: 1,
    stdout: '',
    stderr: `myftp-server: ping 127.0.0.1:${port}: ${reason}\n`,
  });
});

test('ends with 1 if no server listens', async () => {
  const port = await freePort();
  const { code, stderr } = await ping('--port', String(port));
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `myftp-server: ping 127.0.0.1:${port}: no server listens there.\n`,
  });
});

test('says for each address of "all addresses" why it does not answer', async () => {
  const port = await freePort();
  const { stderr } = await ping('--host', '::', '--port', String(port));
  const lines = ['::1', '127.0.0.1'].map((host) => `${host}:${port}: no server listens there`);
  expect(stderr).toBe(`myftp-server: ping ${lines.join('; ')}.\n`);
});

test('needs a port that is known', async () => {
  expect(await ping('--port', '0')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('--port 0'),
  });
});
