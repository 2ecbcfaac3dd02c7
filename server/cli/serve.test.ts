import { EventEmitter } from 'node:events';
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readSettings } from '../config.ts';
import { StartError } from '../start-error.ts';
import { type StartServer, serve } from './serve.ts';

let cwd: string;
let signals: EventEmitter;
let stdout: PassThrough;
let calls: string[];

beforeEach(() => {
  cwd = mkdtempSync(path.join(tmpdir(), 'myftp-serve-'));
  signals = new EventEmitter();
  stdout = new PassThrough();
  calls = [];
});

afterEach(() => {
  rmSync(cwd, { recursive: true, force: true });
});

/** Stops at once, or never by itself. */
function standIn({ stops = true }: { stops?: boolean } = {}): StartServer {
  return async () => ({
    host: '127.0.0.1',
    port: 2121,
    stop: (options) => {
      calls.push(`stop ${options?.graceMs}`);
      return stops ? Promise.resolve() : new Promise(() => {});
    },
    stopNow: () => void calls.push('stopNow'),
  });
}

function start(startServer: StartServer, flags: Record<string, string> = {}): Promise<number> {
  const context = {
    environment: {},
    cwd,
    stdin: new PassThrough(),
    stdout,
    stderr: new PassThrough(),
    signals,
  };
  return serve({
    report: readSettings({ flags, environment: {}, cwd }),
    context,
    loadServer: async () => startServer,
  });
}

async function listening(): Promise<void> {
  while (stdout.readableLength === 0) await turn();
}

function serverLog(file = 'server.log'): { msg: string }[] {
  const text = readFileSync(path.join(cwd, 'myftp-data/logs', file), 'utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

describe('signals', () => {
  test.each(['SIGTERM', 'SIGINT'])('%s stops with the grace of the settings', async (signal) => {
    const end = start(standIn(), { grace: '3s' });
    await listening();
    signals.emit(signal);
    expect(await end).toBe(0);
    expect(calls).toEqual(['stop 3000']);
    expect(serverLog().map(({ msg }) => msg)).toEqual(['listening', 'stopping', 'stopped']);
  });

  test('a second one ends at once with 1', async () => {
    const end = start(standIn({ stops: false }));
    await listening();
    signals.emit('SIGTERM');
    await turn();
    signals.emit('SIGINT');
    expect(await end).toBe(1);
    expect(calls).toEqual(['stop 10000', 'stopNow']);
  });

  test('one that comes while the server starts stops it when it has started', async () => {
    let finishStart = () => {};
    const end = start(async (options) => {
      await new Promise<void>((resolve) => {
        finishStart = resolve;
      });
      return await standIn()(options);
    });
    await turn();
    signals.emit('SIGTERM');
    finishStart();
    expect(await end).toBe(0);
    expect(calls).toEqual(['stop 10000']);
  });

  test('SIGUSR1 reopens the logs, SIGHUP changes nothing', async () => {
    const end = start(standIn());
    await listening();
    const file = path.join(cwd, 'myftp-data/logs/server.log');
    renameSync(file, `${file}.1`);
    signals.emit('SIGUSR1');
    signals.emit('SIGHUP');
    signals.emit('SIGTERM');
    expect(await end).toBe(0);
    expect(serverLog().at(-1)).toMatchObject({ msg: 'stopped' });
  });

  test('nothing listens any more afterwards', async () => {
    const end = start(standIn());
    await listening();
    signals.emit('SIGTERM');
    await end;
    expect(signals.eventNames()).toEqual([]);
  });
});

describe('failures', () => {
  test.each(['uncaughtException', 'unhandledRejection'])(
    '%s is logged and ends with 1',
    async (event) => {
      const end = start(standIn());
      await listening();
      signals.emit(event, new Error('boom'));
      expect(await end).toBe(1);
      expect(calls).toEqual(['stopNow']);
      expect(serverLog().at(-1)).toMatchObject({
        level: 'fatal',
        err: { message: 'boom', stack: expect.any(String) },
      });
    },
  );

  test('a start that fails is thrown', async () => {
    const failure = new StartError('--port: 21 is in use.', { exitCode: 1 });
    await expect(start(() => Promise.reject(failure))).rejects.toBe(failure);
    expect(signals.eventNames()).toEqual([]);
  });
});

describe('what the terminal shows', () => {
  async function shown(flags: Record<string, string>): Promise<string> {
    const end = start(standIn(), flags);
    await listening();
    signals.emit('SIGTERM');
    await end;
    return String(stdout.read()).replaceAll(cwd, '/srv');
  }

  test('is where the server listens and what to do next', async () => {
    expect(await shown({})).toMatchInlineSnapshot(`
"MyFTP is listening on ftp://127.0.0.1:2121

  Connect   lftp -u anna ftp://127.0.0.1:2121
            FileZilla: host 127.0.0.1, port 2121, only plain FTP
  Sign up   ftp -n 127.0.0.1 2121, then
              quote SITE SIGNUP anna
              quote PASS <password>
            or: myftp-server user add anna
  Files     /srv/myftp-data/files
  Data      /srv/myftp-data
  Logs      /srv/myftp-data/logs
  Stop      Ctrl+C

"
`);
  });

  test('has invites if sign-up needs one', async () => {
    const text = await shown({ signup: 'invite', data: 'd d' });
    expect(text).toContain("Sign up   myftp-server invite create --data '/srv/d d'\n");
    expect(text).toContain('quote SITE SIGNUP anna <invite>\n');
  });

  test('has no sign-up if it is off', async () => {
    const text = await shown({ signup: 'off' });
    expect(text).toContain('Add users myftp-server user add anna\n');
    expect(text).not.toContain('SIGNUP');
  });
});
