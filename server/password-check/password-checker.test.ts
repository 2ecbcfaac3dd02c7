import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { CheckFailure } from '../accounts/check-failure.ts';
import { inThisProcess } from '../programs/run-program.ts';
import { PasswordChecker } from './password-checker.ts';

const SECRET = '0123456789abcdef';
const ANNA = { username: 'anna', password: 'correct horse "1"', address: '192.0.2.7' };

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'myftp-check-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** A checker that runs a script. */
function checkerOf(script: string, timeoutMs = 5000): PasswordChecker {
  const file = join(directory, 'check');
  writeFileSync(file, `#!/bin/sh\ncd ${directory}\n${script}\n`);
  chmodSync(file, 0o755);
  return checkerFor({ kind: 'program', file }, { timeoutMs });
}

function checkerFor(
  passwordCheck: ConstructorParameters<typeof PasswordChecker>[0]['settings']['passwordCheck'],
  { timeoutMs = 5000, secret = SECRET } = {},
): PasswordChecker {
  const settings = { passwordCheck, passwordCheckTimeoutMs: timeoutMs };
  return new PasswordChecker({ settings, secret, programs: inThisProcess, now: Date.now });
}

async function reasonOf(checker: PasswordChecker, login = ANNA): Promise<string> {
  const error = await checker.ask(login).catch((thrown: unknown) => thrown);
  if (error instanceof CheckFailure) return error.message;
  throw new Error(`no failure: ${String(error)}`);
}

function read(name: string): string {
  return readFileSync(join(directory, name), 'utf8');
}

test('a program gets the login as a line of JSON, and nothing in arguments or environment', async () => {
  const checker = checkerOf(
    'cat > input; env > env; printf %s "$*" > args; echo \'{"ok":true,"account":{"maxFiles":5}}\'',
  );
  expect(await checker.ask(ANNA)).toEqual({ maxFiles: 5 });
  expect(read('input')).toBe(
    '{"username":"anna","password":"correct horse \\"1\\"","address":"192.0.2.7"}\n',
  );
  expect(read('args')).toBe('');
  expect(read('env')).not.toMatch(/MYFTP|horse|anna/);
});

test('it need not read', async () => {
  expect(await checkerOf('echo \'{"ok":false}\'').ask(ANNA)).toBeUndefined();
});

test.each([
  ['echo \'{"ok":true}\'; exit 1', 'exit code 1'],
  ['echo cannot reach the directory >&2; exit 2', 'exit code 2: cannot reach the directory'],
  ['cat >&2; exit 1', 'exit code 1: {"username":"anna","password":"[password]"'],
  ['kill -9 $$', 'ended by SIGKILL'],
  ['true', 'answer not understood: it is empty'],
  ['head -c 70000 /dev/zero', 'more than 65536 bytes'],
  ['printf \'{"ok":true,"account":{"group":"\\377"}}\'', 'not valid for encoding utf-8'],
])('%s is no answer', async (script, reason) => {
  const login = { ...ANNA, password: 'horse' };
  expect(await reasonOf(checkerOf(script), login)).toContain(`${directory}/check: `);
  expect(await reasonOf(checkerOf(script), login)).toContain(reason);
});

test('a password that JSON writes in another way is not repeated either', async () => {
  expect(await reasonOf(checkerOf('cat >&2; exit 1'))).toContain('"password":"[password]"');
});

test('a program that is missing is no answer', async () => {
  const checker = checkerFor({ kind: 'program', file: join(directory, 'none') });
  expect(await reasonOf(checker)).toMatch(/ENOENT/);
});

test('one that does not end is killed with what it has started', async () => {
  const checker = checkerOf('(sleep 0.8; touch late) & sleep 60', 300);
  expect(await reasonOf(checker)).toContain('no answer after 0.3 s');
  await delay(800);
  expect(existsSync(join(directory, 'late'))).toBe(false);
});

test('one that has started something with its output does not hold up a login for longer', async () => {
  const checker = checkerOf('echo \'{"ok":true}\'; setsid sleep 60 & echo $! > pid', 300);
  expect(await reasonOf(checker)).toContain('no answer after 0.3 s');
  process.kill(Number(read('pid')));
});

test('eight run at a time, and those that wait fail in time', async () => {
  const checker = checkerOf('echo + >> runs; sleep 60', 1000);
  const logins = Array.from({ length: 20 }, (_, at) => ({ ...ANNA, address: `192.0.2.${at}` }));
  const reasons = Promise.all(logins.map((login) => reasonOf(checker, login)));
  await delay(600);
  expect(read('runs')).toBe('+\n'.repeat(8));
  expect(new Set(await reasons)).toEqual(new Set([`${directory}/check: no answer after 1 s`]));
});

test('a stop ends what runs', async () => {
  const checker = checkerOf('touch began; sleep 60');
  const reason = reasonOf(checker);
  checker.stop();
  expect(await reason).toContain('aborted');
});

test('a URL gets a POST that it can check, and its answer decides', async () => {
  const requests: string[] = [];
  const answers: [number, string][] = [
    [200, '{"ok":true,"account":{"quota":"1GB"}}'],
    [200, '{"ok":false}'],
    [401, '{"ok":false}'],
    [302, ''],
    [200, '<html>'],
  ];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request);
    const { 'x-myftp-timestamp': timestamp, 'x-myftp-signature': signature } = request.headers;
    const hmac = createHmac('sha256', SECRET).update(`${timestamp}.${body}`).digest('hex');
    requests.push(`${request.method} ${signature === `sha256=${hmac}`} ${body}`);
    const [status, content] = answers.shift() ?? [500, ''];
    response.writeHead(status, { location: '/other' }).end(content);
  };
  const server = createServer((...exchange) => void answer(...exchange)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const target = { kind: 'url', url: `http://127.0.0.1:${port}/ftp?key=k` } as const;
  const checker = checkerFor(target);
  expect(await checker.ask(ANNA)).toEqual({ quotaBytes: 1_000_000_000 });
  expect(await checker.ask(ANNA)).toBeUndefined();
  expect(await reasonOf(checker)).toBe(`http://127.0.0.1:${port}/ftp: status 401`);
  expect(await reasonOf(checker)).toContain('status 302');
  expect(await reasonOf(checker)).toContain('it is not JSON');
  expect(requests).toEqual(Array(5).fill(`POST true ${JSON.stringify(ANNA)}`));
  expect(await reasonOf(checkerFor(target, { secret: '' }))).toContain('--hook-secret');
  server.closeAllConnections();
  server.close();
  expect(await reasonOf(checker)).toMatch(/ECONNREFUSED|closed/);
});
