import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { runCommand } from '../testing/run-command.ts';
import { TestServer } from '../testing/test-server.ts';
import { type Hook, parseHooks } from './hook.ts';
import type { HookEvent } from './hook-event.ts';

const SECRET = '0123456789abcdef';

let directory: string;
let nowMs: number;
let server: TestServer | undefined;
let receiver: Server | undefined;
let timeoutMs: number;
let reloaded: readonly Hook[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'myftp-hooks-'));
  writeFileSync(join(directory, 'secret'), `${SECRET}\n`);
  nowMs = Date.now();
  // Hooks have a low priority, and the tests a busy machine.
  timeoutMs = 30_000;
});
afterEach(async () => {
  await server?.dispose();
  receiver?.close();
  rmSync(directory, { recursive: true });
});

function program(script: string, name = 'hook'): string {
  const file = join(directory, name);
  writeFileSync(file, `#!/bin/sh\ncd ${directory}\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

async function startServer(...hooks: string[]): Promise<TestServer> {
  server = await TestServer.start({
    settings: {
      hooks: hooks.flatMap(parseHooks),
      hookSecret: join(directory, 'secret'),
      hookTimeoutMs: timeoutMs,
      ...{ banAfter: 3, banTimeMs: 600_000, neverBan: [] },
    },
    now: () => nowMs,
    rereadSettings: () => ({ ...(server as TestServer).settings, hooks: reloaded }),
  });
  return server;
}

/** Has the server read other hooks. */
async function reload(...hooks: string[]): Promise<string> {
  reloaded = hooks.flatMap(parseHooks);
  const dataDir = server?.settings.dataDir ?? '';
  return (await runCommand(['reload', '--data', dataDir])).stdout;
}

function read(name: string): string {
  const file = join(directory, name);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await delay(20);
}

async function left(): Promise<readonly Record<string, unknown>[]> {
  const dataDir = server?.settings.dataDir ?? '';
  const { stdout } = await runCommand(['hooks', 'list', '--json', '--data', dataDir]);
  return JSON.parse(stdout);
}

test('a program is told of each event, with the place of the file', async () => {
  const file = program('cat >> events; printf "%s\\n" "$MYFTP_EVENT $MYFTP_FILE" >> files');
  const started = await startServer(`all=${file}`);
  const anna = await started.signUp('anna');
  await anna.store('STOR a', 'some text');
  await anna.retrieve('RETR a');
  await anna.command('RNFR a');
  await anna.command('RNTO b');
  await anna.command('DELE b');
  await anna.command('MKD d');
  await anna.command('RMD d');
  await until(() => read('files').split('\n').length > 6);
  const events = read('events')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as HookEvent)
    .sort((one, other) => one.event.localeCompare(other.event) || (one.path === '/b' ? -1 : 1));
  expect(events).toMatchObject([
    { event: 'delete', path: '/b', username: 'anna', address: '127.0.0.1' },
    { event: 'delete', path: '/d' },
    { event: 'download', path: '/a', movedBytes: 9 },
    { event: 'rename', path: '/b', from: '/a' },
    { event: 'signup', username: 'anna' },
    { event: 'upload', path: '/a', movedBytes: 9 },
  ]);
  expect(new Set(events.map(({ id }) => id)).size).toBe(6);
  expect(read('files')).toContain(`upload ${join(started.settings.rootDir, 'anna/a')}\n`);
  while ((await left()).length > 0);
});

test('a program that fails is called again later, with the same id', async () => {
  const file = program('cat >> events; echo oh no >&2; test -e repaired');
  const anna = await (await startServer(`upload=${file}`)).signUp();
  await anna.store('STOR a', 'x');
  await until(() => read('events').length > 0);
  while ((await left())[0]?.attempts !== 1);
  expect(await left()).toMatchObject([
    {
      attempts: 1,
      lastError: 'exit code 1: oh no',
      nextAttempt: new Date(nowMs + 10_000).toISOString(),
    },
  ]);
  writeFileSync(join(directory, 'repaired'), '');
  nowMs += 10_000;
  while ((await left()).length > 0);
  const [first, second] = read('events').trim().split('\n');
  expect(second).toBe(first);
});

test('retry makes it due at once', async () => {
  const file = program('cat >> events; test -e repaired');
  const anna = await (await startServer(`upload=${file}`)).signUp();
  await anna.store('STOR a', 'x');
  while ((await left())[0]?.attempts !== 1);
  writeFileSync(join(directory, 'repaired'), '');
  const data = ['--data', server?.settings.dataDir ?? ''];
  expect((await runCommand(['hooks', 'list', ...data])).stdout).toMatch(/upload +anna +\/a +1 /);
  expect(await runCommand(['hooks', 'retry', '99', ...data])).toMatchObject({ code: 1 });
  expect((await runCommand(['hooks', 'retry', ...data])).stdout).toContain('1 event is due now');
  nowMs = Date.now();
  while ((await left()).length > 0);
});

test('what was not delivered is, after the next start', async () => {
  const file = program('cat >> events; sleep 60');
  const first = await startServer(`upload=${file}`);
  const anna = await first.signUp();
  await anna.store('STOR a', 'x');
  await until(() => read('events').length > 0);
  await first.stop();
  program('cat >> events');
  server = await TestServer.start({
    directory: first.directory,
    settings: { ...first.settings, port: 0 },
    now: () => nowMs,
  });
  while ((await left()).length > 0);
  const [before, after] = read('events').trim().split('\n');
  expect(after).toBe(before);
});

test('a program that does not end is killed with what it has started, and delays no other hook', async () => {
  timeoutMs = 4000;
  const file = program('(sleep 7; touch late) & cat >> /dev/null; sleep 60');
  const other = join(directory, 'other');
  writeFileSync(other, `#!/bin/sh\ncat >> ${directory}/other-events\n`);
  chmodSync(other, 0o755);
  const anna = await (await startServer(`upload=${file}`, `upload=${other}`)).signUp();
  for (const name of ['a', 'b', 'c', 'd', 'e']) await anna.store(`STOR ${name}`, 'x');
  await until(() => read('other-events').trim().split('\n').length === 5);
  while ((await left()).every(({ lastError }) => lastError === null));
  expect((await left()).find(({ lastError }) => lastError !== null)).toMatchObject({
    lastError: 'no end after 4 s',
  });
  await delay(4000);
  expect(existsSync(join(directory, 'late'))).toBe(false);
});

test('a URL gets a POST that it can check; what is not 2xx is a failure', async () => {
  const received: { event: HookEvent; isSigned: boolean }[] = [];
  const statuses = [500, 302];
  const receive = async (request: IncomingMessage, response: ServerResponse) => {
    const event = (await json(request)) as HookEvent;
    const { 'x-myftp-timestamp': timestamp, 'x-myftp-signature': signature } = request.headers;
    const hmac = createHmac('sha256', SECRET).update(`${timestamp}.${JSON.stringify(event)}`);
    const isSigned = signature === `sha256=${hmac.digest('hex')}`;
    received.push({ event, isSigned });
    response.writeHead(statuses.pop() ?? 204, { location: '/other' }).end();
  };
  receiver = createServer((...exchange) => void receive(...exchange)).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const { port } = receiver.address() as AddressInfo;
  const anna = await (await startServer(`upload=http://127.0.0.1:${port}/x?key=k`)).signUp();
  await anna.store('STOR a', 'x');
  while ((await left())[0]?.attempts !== 1);
  expect((await left())[0]).toMatchObject({ lastError: 'status 302' });
  nowMs += 10_000;
  while ((await left())[0]?.attempts !== 2);
  nowMs += 20_000;
  while ((await left()).length > 0);
  expect(received.map(({ isSigned }) => isSigned)).toEqual([true, true, true]);
  expect(new Set(received.map(({ event }) => event.id)).size).toBe(1);
});

test('a reload reads the key of signatures again, and a bad one changes nothing', async () => {
  const signatures: { key: string | undefined }[] = [];
  const keys = [SECRET, 'another key of 24 octets'];
  const note = async (request: IncomingMessage, response: ServerResponse) => {
    const body = JSON.stringify(await json(request));
    const { 'x-myftp-timestamp': at, 'x-myftp-signature': signature } = request.headers;
    const signed = (key: string) => createHmac('sha256', key).update(`${at}.${body}`).digest('hex');
    signatures.push({ key: keys.find((key) => `sha256=${signed(key)}` === signature) });
    response.end();
  };
  receiver = createServer((request, response) => void note(request, response)).listen(
    0,
    '127.0.0.1',
  );
  await once(receiver, 'listening');
  const hook = `upload=http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const anna = await (await startServer(hook)).signUp();
  const keyOfUpload = async () => {
    const before = signatures.length;
    await anna.store('STOR a', 'x');
    await until(() => signatures.length > before);
    return signatures.at(-1)?.key;
  };
  expect(await keyOfUpload()).toBe(keys[0]);
  writeFileSync(join(directory, 'secret'), keys[1] ?? '');
  await reload(hook);
  expect(await keyOfUpload()).toBe(keys[1]);
  writeFileSync(join(directory, 'secret'), 'short');
  expect(await reload(hook)).toBe('');
  expect(await keyOfUpload()).toBe(keys[1]);
});

test('a ban is told with its network, reason and end', async () => {
  const file = program('cat >> events; echo "$MYFTP_ADDRESS $MYFTP_REASON $MYFTP_UNTIL" >> bans');
  const stranger = await (await startServer(`ban=${file}`)).connect();
  for (let guess = 0; guess < 2; guess++) {
    await stranger.command('USER nobody');
    await stranger.command('PASS guess');
  }
  await until(() => read('bans') !== '');
  const untilText = new Date(nowMs + 600_000).toISOString();
  const facts = { event: 'ban', address: '127.0.0.1', username: '', reason: 'unknown name' };
  expect(JSON.parse(read('events'))).toMatchObject({ ...facts, until: untilText });
  expect(read('bans')).toBe(`127.0.0.1 unknown name ${untilText}\n`);
});

test('a reload takes over other hooks; what waits for one that is gone waits for its return', async () => {
  const [gone, added] = [program('exit 1', 'gone'), program('cat >> events', 'added')];
  const anna = await (await startServer(`upload=${gone}`)).signUp();
  await anna.store('STOR a', 'x');
  while ((await left())[0]?.attempts !== 1);
  expect(await reload(`delete=${added}`)).toMatch(/^In force: hook\./);
  await anna.command('DELE a');
  await anna.store('STOR b', 'x');
  await until(() => read('events') !== '');
  expect(JSON.parse(read('events'))).toMatchObject({ event: 'delete', path: '/a' });
  nowMs += 10_000;
  program('cat >> returned', 'gone');
  await reload(`delete=${added}`, `upload=${gone}`);
  await until(() => read('returned') !== '');
  expect(JSON.parse(read('returned'))).toMatchObject({ event: 'upload', path: '/a' });
  expect(await reload(`upload=${directory}/none`)).toBe('');
  await anna.command('DELE b');
  await until(() => read('events').includes('/b'));
});

test('nothing is told of what failed', async () => {
  const file = program('cat >> events');
  const anna = await (await startServer(`upload+delete+rename=${file}`)).signUp();
  await anna.command('DELE none');
  await anna.command('RNFR none');
  await anna.store('STOR a', 'x');
  await until(() => read('events').length > 0);
  expect(read('events').trim().split('\n')).toHaveLength(1);
});
