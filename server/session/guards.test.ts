import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { BanRepository } from '../../db/ban-repository.ts';
import { openDatabase } from '../../db/open-database.ts';
import { runCommand } from '../testing/run-command.ts';
import { TestServer } from '../testing/test-server.ts';

let server: TestServer;

const SETTINGS = {
  tls: 'optional',
  banAfter: 5,
  neverBan: ['127.0.0.1'],
} as const;

beforeEach(async () => {
  server = await TestServer.start({ settings: { ...SETTINGS, implicitPort: 0 } });
});
afterEach(() => server.dispose());

/** What the server says to a client of an address (within 127.0.0.0/8) that sends some lines at once. */
function conversation(from: string, lines = 'QUIT\r\n', port = server.port): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from });
  socket.on('error', () => {});
  socket.write(lines);
  return text(socket).catch(() => 'reset');
}

function run(args: string) {
  return runCommand([...args.split(' '), '--data', server.settings.dataDir]);
}

const WELCOME = /^220 MyFTP ready\.\r\n/;
const REFUSAL = '421 Your address is banned.\r\n';
const GUESS = 'USER anna\r\nPASS guess\r\n';

async function untilBanned(from: string): Promise<void> {
  await until(async () => (await conversation(from)) === REFUSAL);
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + 30_000;
  while (!(await isSo())) {
    if (performance.now() > deadlineMs) throw new Error('it has not happened');
    await delay(20);
  }
}

test('wrong passwords ban their address, which ends what has no login and leaves the login alone', async () => {
  const anna = await server.signUp();
  const stranger = conversation('127.0.0.2', 'NOOP\r\n');
  await conversation('127.0.0.2', `${GUESS.repeat(4)}QUIT\r\n`);
  expect(await conversation('127.0.0.2')).toMatch(WELCOME);
  await conversation('127.0.0.2', GUESS);
  expect(await conversation('127.0.0.2')).toBe(REFUSAL);
  expect(await stranger).toContain(REFUSAL);
  expect(await conversation('127.0.0.3')).toMatch(WELCOME);
  expect((await anna.command('NOOP')).code).toBe(200);
});

test.each([
  ['HTTP', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['garbage', '\u0000\u0001\u0002 \u0003\r\n'.repeat(9)],
  ['a line without end', 'x'.repeat(70_000)],
  ['unknown names', 'USER root\r\nPASS root\r\n'.repeat(3)],
])('%s bans its address', async (_, lines) => {
  await conversation('127.0.0.4', lines);
  await untilBanned('127.0.0.4');
});

test('garbage that ends at the login timeout bans its address', async () => {
  const impatient = await TestServer.start({ settings: { ...SETTINGS, loginTimeoutMs: 1000 } });
  try {
    const greet = () => conversation('127.0.0.4', 'QUIT\r\n', impatient.port);
    await conversation('127.0.0.4', `${'HELO x\r\n'.repeat(4)}x`, impatient.port);
    await until(async () => (await greet()) === REFUSAL);
  } finally {
    await impatient.dispose();
  }
});

test('what is no TLS on the port of implicit TLS bans its address, a certificate that is not trusted does not', async () => {
  for (let time = 0; time < 7; time += 1) {
    const plain = connect({
      port: server.implicitPort,
      host: '127.0.0.1',
      localAddress: '127.0.0.5',
    });
    const socket = connectTls({ socket: plain });
    await new Promise((resolve) => socket.on('error', resolve));
  }
  expect(await conversation('127.0.0.5')).toMatch(WELCOME);
  for (let time = 0; time < 5; time += 1) {
    await conversation('127.0.0.5', 'USER anna\r\nPASS guess\r\n', server.implicitPort);
  }
  await untilBanned('127.0.0.5');
});

test('connections that are opened and closed ban no address, nor does --never-ban', async () => {
  for (let time = 0; time < 20; time += 1) {
    const socket = connect({ port: server.port, host: '127.0.0.1', localAddress: '127.0.0.6' });
    await new Promise((resolve) => socket.once('data', resolve));
    socket.destroy();
  }
  await conversation('127.0.0.1', `${'HELO x\r\n'.repeat(9)}QUIT\r\n`);
  expect(await conversation('127.0.0.6')).toMatch(WELCOME);
  expect(await conversation('127.0.0.1')).toMatch(WELCOME);
});

test('a ban of the guard is listed, audited, counted through a restart, and can be removed', async () => {
  await conversation('127.0.0.2', 'GET / HTTP/1.1\r\n\r\n');
  await untilBanned('127.0.0.2');
  await server.stop();
  server = await TestServer.start({ directory: server.directory, settings: SETTINGS });
  expect(await conversation('127.0.0.2')).toBe(REFUSAL);
  expect((await run('ban list')).stdout).toMatch(/127\.0\.0\.2 .* guard +http request\n/);
  expect(JSON.parse((await run('ban list --json')).stdout)).toEqual([
    expect.objectContaining({ network: '127.0.0.2', by: 'guard', times: 1 }),
  ]);
  await run('ban remove 127.0.0.2');
  await until(async () => (await conversation('127.0.0.2')) !== REFUSAL);
  const events = (await run('audit --kind bans --json')).stdout.trim().split('\n');
  expect(events.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({ address: '127.0.0.2', reason: 'ended by the administrator' }),
    expect.objectContaining({
      address: '127.0.0.2',
      reason: expect.stringMatching(/^http request; until /),
    }),
  ]);
});

test('a ban takes effect while another process has the database locked', async () => {
  const database = openDatabase(join(server.settings.dataDir, 'myftp.db'));
  try {
    await database.queries.transaction().execute(async (transaction) => {
      await new BanRepository(transaction).removeExpired(0);
      await conversation('127.0.0.2', 'GET / HTTP/1.1\r\n\r\n');
      expect(await conversation('127.0.0.2')).toBe(REFUSAL);
    });
    const bans = new BanRepository(database.queries);
    await until(async () => (await bans.list(Date.now())).length > 0);
  } finally {
    await database.close();
  }
});

test('an account can be tied to networks, which ends its sessions from elsewhere', async () => {
  const anna = await server.signUp();
  expect((await run('user networks anna 192.0.2.0/24 127.0.0.7')).stdout).toBe(
    'anna may log in from 192.0.2.0/24, 127.0.0.7. Sessions from elsewhere are ended.\n',
  );
  expect((await anna.reply()).lines).toEqual([
    '421 Your account may not be used from your address.',
  ]);
  const login = 'USER anna\r\nPASS correct horse\r\nQUIT\r\n';
  expect(await conversation('127.0.0.7', login)).toContain('230 Login successful.');
  expect(await conversation('127.0.0.8', login)).toContain('530 Wrong username or password.');
  await until(async () =>
    (await run('audit --kind logins')).stdout.includes('may not log in from this address'),
  );
  await run('user networks anna any');
  expect(await conversation('127.0.0.8', login)).toContain('230 Login successful.');
  expect(await run('user networks anna 10.0.0.0/99')).toMatchObject({ code: 2 });
  expect((await run('user networks anna')).stdout).toBe('anna may log in from any address.\n');
});
