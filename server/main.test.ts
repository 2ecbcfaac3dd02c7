import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { builtServer } from '../tests/built-programs.ts';
import { sourceEnvironment } from '../tests/source-program.ts';

const MAIN = builtServer();

let cwd: string;
let children: ChildProcess[];

beforeEach(() => {
  cwd = mkdtempSync(path.join(tmpdir(), 'myftp-main-'));
  children = [];
});

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(cwd, { recursive: true, force: true });
});

function start(...args: string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env: sourceEnvironment() });
  children.push(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    output.stdout += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    output.stderr += String(chunk);
  });
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, ...output }));
  return { child, output, ended };
}

async function startServer(...args: string[]) {
  const running = start('--port', '0', ...args);
  await Promise.race([until(() => running.output.stdout.includes('Stop')), running.ended]);
  const [, port] =
    /^MyFTP is listening on ftp:\/\/127\.0\.0\.1:(\d+)$/m.exec(running.output.stdout) ?? [];
  if (port === undefined) throw new Error(`no start: ${running.output.stderr}`);
  return { ...running, port: Number(port) };
}

async function greet(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  const [greeting] = await once(socket, 'data');
  expect(String(greeting)).toMatch(/^220 /);
  return socket;
}

function logText(name: string): string {
  return readFileSync(path.join(cwd, 'myftp-data/logs', name), 'utf8');
}

describe('the server process', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s ends it with 0, the port is free again',
    async (signal) => {
      const { child, ended, port } = await startServer();
      await greet(port);
      child.kill(signal);
      expect(await ended).toMatchObject({ code: 0, signal: null });
      const again = createServer().listen(port, '127.0.0.1');
      await once(again, 'listening');
      again.close();
      expect(logText('server.log')).toContain('"msg":"stopped"');
    },
  );

  test('SIGHUP does not end it, SIGUSR1 reopens its logs and opens no debugger', async () => {
    const { child, output, ended, port } = await startServer();
    const file = path.join(cwd, 'myftp-data/logs/server.log');
    renameSync(file, `${file}.1`);
    child.kill('SIGHUP');
    child.kill('SIGUSR1');
    await until(() => existsSync(file) && logText('server.log').includes('log files reopened'));
    (await greet(port)).destroy();
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
    expect(output.stderr).not.toContain('Debugger');
  });

  test('goes on if nobody reads its output any more', async () => {
    const { child, ended, port } = await startServer();
    child.stdout.destroy();
    child.stderr.destroy();
    child.kill('SIGUSR1');
    (await greet(port)).destroy();
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
  });

  test('a port in use ends it with 75 and names the setting', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const { code, stderr } = await start('--port', String(port)).ended;
    other.close();
    expect(code).toBe(75);
    expect(stderr).toMatch(/^myftp-server: .*--port/);
    expect(stderr).toContain(String(port));
  });

  test('a root that is no directory ends it and names the setting', async () => {
    writeFileSync(path.join(cwd, 'file'), '');
    const { code, stderr } = await start('--port', '0', '--root', 'file').ended;
    expect([1, 78]).toContain(code);
    expect(stderr).toMatch(/^myftp-server: .*--root/);
  });

  test('wrong settings end it with 78, wrong usage with 2', async () => {
    const results = await Promise.all([start('--port', 'x').ended, start('--prot', '1').ended]);
    expect(results.map(({ code }) => code)).toEqual([78, 2]);
  });
});

test('accounts are managed beside a running server', async () => {
  const { child, ended, port } = await startServer();
  const adding = start('user', 'add', 'anna', '--password-stdin');
  adding.child.stdin.end('correct horse\n');
  expect(await adding.ended).toMatchObject({ code: 0, stderr: '' });
  const socket = await greet(port);
  for (const [command, reply] of [
    ['USER anna', /^331 /],
    ['PASS correct horse', /^230 /],
  ] as const) {
    socket.write(`${command}\r\n`);
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(reply);
  }
  const disabling = await start('user', 'disable', 'anna').ended;
  expect(disabling.code).toBe(0);
  socket.destroy();
  child.kill('SIGTERM');
  await ended;
  const logs = ['server', 'connections', 'logins', 'signups', 'transfers'].map((name) =>
    logText(`${name}.log`),
  );
  expect(logs.join('')).toContain('anna');
  expect(logs.join('')).not.toContain('correct horse');
});

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await delay(10);
}
