import { EventEmitter } from 'node:events';
import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readSettings } from '../config/read-settings.ts';
import { StartError } from '../errors/start-error.ts';
import { writtenText } from '../testing/written-text.ts';
import { type ServerModule, serve } from './serve.ts';
import type { ServedTls } from './welcome.ts';

type StartServer = ServerModule['startServer'];

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

const FINGERPRINT = Array.from({ length: 32 }, (_, index) => `A${index % 10}`).join(':');

interface StandIn {
  /** False: never by itself. */
  readonly stops?: boolean;
  readonly host?: string;
  readonly tls?: ServedTls | undefined;
}

const SELF_SIGNED: ServedTls = {
  fingerprint256: FINGERPRINT,
  implicitPort: undefined,
  isSelfSigned: true,
};

function standIn({ stops = true, host = '127.0.0.1', tls }: StandIn = {}): StartServer {
  return async () => ({
    host,
    port: 2121,
    tls,
    reload: async (trigger) => void calls.push(`reload ${trigger}`),
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
    rereadSettings: () => readSettings({ flags, environment: {}, cwd }).settings,
    context,
    loadServer: async () => ({
      takeDirectories: async () => ({ root: 'same', user: undefined, release: () => {} }),
      startServer,
    }),
  });
}

async function listening(): Promise<void> {
  while (stdout.readableLength === 0) await turn();
}

function serverLog(): { msg: string }[] {
  const text = readFileSync(path.join(cwd, 'myftp-data/logs/server.log'), 'utf8');
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

  test('SIGUSR1 reopens the logs', async () => {
    const end = start(standIn());
    await listening();
    const file = path.join(cwd, 'myftp-data/logs/server.log');
    renameSync(file, `${file}.1`);
    signals.emit('SIGUSR1');
    signals.emit('SIGTERM');
    expect(await end).toBe(0);
    expect(serverLog().at(-1)).toMatchObject({ msg: 'stopped' });
  });

  test('SIGHUP reloads', async () => {
    const end = start(standIn());
    await listening();
    signals.emit('SIGHUP');
    await turn();
    signals.emit('SIGTERM');
    expect(await end).toBe(0);
    expect(calls).toEqual(['reload SIGHUP', 'stop 10000']);
  });

  test('SIGHUP that comes while the server starts reloads when it has started', async () => {
    let finishStart = () => {};
    const end = start(async (options) => {
      await new Promise<void>((resolve) => {
        finishStart = resolve;
      });
      return await standIn({ tls: SELF_SIGNED })(options);
    });
    await turn();
    signals.emit('SIGHUP');
    finishStart();
    await listening();
    signals.emit('SIGTERM');
    expect(await end).toBe(0);
    expect(calls).toEqual(['reload SIGHUP', 'stop 10000']);
  });

  test('SIGHUP before a start that fails does no harm', async () => {
    const failure = new StartError('--port: 21 is in use.', { exitCode: 1 });
    const end = start(async () => {
      await turn();
      throw failure;
    });
    signals.emit('SIGHUP');
    await expect(end).rejects.toBe(failure);
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
  async function shown(flags: Record<string, string>, server: StandIn = {}): Promise<string> {
    const end = start(standIn(server), flags);
    await listening();
    signals.emit('SIGTERM');
    await end;
    return writtenText(stdout).replaceAll(cwd, '/srv');
  }

  test('is where the server listens and what to do next', async () => {
    expect(await shown({}, { tls: SELF_SIGNED })).toMatchInlineSnapshot(`
"MyFTP is listening on ftp://127.0.0.1:2121

  Connect   lftp -u anna -e 'set ftp:ssl-force yes; set ssl:ca-file /srv/myftp-data/tls/certificate.pem' ftp://127.0.0.1:2121
            FileZilla: host 127.0.0.1, port 2121, require explicit FTP over TLS
  TLS       self-signed certificate: compare its SHA-256 when a client asks
              A0:A1:A2:A3:A4:A5:A6:A7:A8:A9:A0:A1:A2:A3:A4:A5
              A6:A7:A8:A9:A0:A1:A2:A3:A4:A5:A6:A7:A8:A9:A0:A1
            your own instead: --tls-cert <file> --tls-key <file>
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

  test('without TLS', async () => {
    expect(await shown({ tls: 'off' })).toMatchInlineSnapshot(`
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

  test('on a network with a certificate, implicit TLS and invites', async () => {
    const tls = { ...SELF_SIGNED, isSelfSigned: false, implicitPort: 990 };
    const flags = { host: '::', 'public-host': 'ftp.example.org', 'implicit-port': '990' };
    expect(await shown(flags, { host: '::', tls })).toMatchInlineSnapshot(`
"MyFTP is listening on ftp://[::]:2121

  Connect   lftp -u anna -e 'set ftp:ssl-force yes' ftp://ftp.example.org:2121
            FileZilla: host ftp.example.org, port 2121, require explicit FTP over TLS
            implicit TLS: ftps://ftp.example.org:990
  TLS       SHA-256 fingerprint of the certificate:
              A0:A1:A2:A3:A4:A5:A6:A7:A8:A9:A0:A1:A2:A3:A4:A5
              A6:A7:A8:A9:A0:A1:A2:A3:A4:A5:A6:A7:A8:A9:A0:A1
  Sign up   myftp-server invite create
            openssl s_client -starttls ftp -quiet -connect ftp.example.org:2121, then
              SITE SIGNUP anna <invite>
              PASS <password>
            or: myftp-server user add anna
  Files     /srv/myftp-data/files
  Data      /srv/myftp-data
  Logs      /srv/myftp-data/logs
  Stop      Ctrl+C
  Mind      plain FTP sends passwords and files unencrypted
            --tls required refuses it

"
`);
  });

  test('has no plain client where TLS is required', async () => {
    const text = await shown({ tls: 'required' }, { tls: SELF_SIGNED });
    expect(text).toContain('openssl s_client -starttls ftp -quiet -connect 127.0.0.1:2121, then\n');
    expect(text).not.toContain('ftp -n');
  });

  test('has invites if sign-up needs one, and names that need it quoted', async () => {
    const text = await shown({ signup: 'invite', data: 'd d' }, { tls: SELF_SIGNED });
    expect(text).toContain("Sign up   myftp-server invite create --data '/srv/d d'\n");
    expect(text).toContain('quote SITE SIGNUP anna <invite>\n');
    expect(text).toContain(`; set ssl:ca-file "/srv/d d/tls/certificate.pem"' ftp://`);
  });

  test('has no sign-up if it is off', async () => {
    const text = await shown({ signup: 'off' });
    expect(text).toContain('Add users myftp-server user add anna\n');
    expect(text).not.toContain('SIGNUP');
  });
});
