import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { StartError } from '../errors/start-error.ts';
import { writtenText } from '../testing/written-text.ts';
import { type Logs, openLogs, silentLogs } from './logging.ts';

let dir: string;
let opened: Logs[];

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'myftp-logs-'));
  opened = [];
});

afterEach(async () => {
  await Promise.all(opened.map((logs) => logs.close()));
  rmSync(dir, { recursive: true, force: true });
});

function open(options: Partial<Parameters<typeof openLogs>[0]> = {}): Logs {
  const logs = openLogs({
    dir: path.join(dir, 'logs'),
    level: 'info',
    terminal: undefined,
    ...options,
  });
  opened.push(logs);
  return logs;
}

function linesOf(file: string): Record<string, unknown>[] {
  const text = readFileSync(path.join(dir, 'logs', file), 'utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

describe('files', () => {
  test('no character in a line steers a terminal, and each is read back as it was', async () => {
    const nasty = 'a\x1b[2J\x7f\x9b2J\u0085\u200e\u2028\u2029\u202e\u2066\ufeff\u{e0041}\ud800"\\ü';
    const logs = open();
    logs.transfers.info({ path: nasty, [nasty]: 1, err: new Error(nasty) }, nasty);
    logs.transfers
      .child({ username: nasty })
      .info({ deep: { path: [nasty] } }, 'transfer complete');
    await logs.close();
    const text = readFileSync(path.join(dir, 'logs', 'transfers.log'), 'utf8');
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
    const [first, second] = linesOf('transfers.log');
    expect(first).toMatchObject({ path: nasty, [nasty]: 1, err: { message: nasty }, msg: nasty });
    expect(second).toMatchObject({ username: nasty, deep: { path: [nasty] } });
  });

  test('each log has its own, and a line is one JSON object', async () => {
    const logs = open();
    logs.server.info({ port: 2121 }, 'listening');
    logs.transfers.child({ session: 's1' }).info({ bytes: 5 }, 'transfer complete');
    await logs.close();
    expect(readdirSync(path.join(dir, 'logs')).sort()).toEqual([
      'connections.log',
      'logins.log',
      'server.log',
      'signups.log',
      'transfers.log',
    ]);
    expect(linesOf('server.log')).toEqual([
      { level: 'info', time: expect.stringMatching(/^\d{4}-.*Z$/), port: 2121, msg: 'listening' },
    ]);
    expect(linesOf('transfers.log')).toMatchObject([{ session: 's1', bytes: 5 }]);
  });

  test('are there for the owner and the group only', () => {
    open();
    expect(statSync(path.join(dir, 'logs', 'logins.log')).mode & 0o777 & ~0o640).toBe(0);
  });

  test('a line is on disk a moment later, without closing', async () => {
    const logs = open();
    logs.logins.info('login');
    await until(() => linesOf('logins.log').length === 1);
  });

  test('are appended to', async () => {
    for (const n of [1, 2]) {
      const logs = open();
      logs.server.info({ n }, 'start');
      await logs.close();
    }
    expect(linesOf('server.log')).toMatchObject([{ n: 1 }, { n: 2 }]);
  });

  test('lines below the level are left out', async () => {
    const logs = open({ level: 'warn' });
    logs.server.info('left out');
    logs.server.warn('kept');
    await logs.close();
    expect(linesOf('server.log')).toMatchObject([{ msg: 'kept' }]);
  });

  test('many lines arrive complete and in order', async () => {
    const logs = open();
    for (let n = 0; n < 20_000; n++) logs.transfers.info({ n }, 'transfer complete');
    await logs.close();
    expect(linesOf('transfers.log').map(({ n }) => n)).toEqual(
      Array.from({ length: 20_000 }, (_, n) => n),
    );
  });
});

describe('rotation', () => {
  test('after a rename and reopen() lines go to a new file; none is lost or torn', async () => {
    const logs = open();
    const file = path.join(dir, 'logs', 'transfers.log');
    for (let round = 0; round < 5; round++) {
      for (let n = 0; n < 500; n++)
        logs.transfers.info({ n: round * 500 + n }, 'transfer complete');
      renameSync(file, `${file}.${round}`);
      logs.reopen();
      await delay(5);
    }
    logs.transfers.info({ n: 2500 }, 'last');
    await logs.close();
    const files = [
      'transfers.log.0',
      'transfers.log.1',
      'transfers.log.2',
      'transfers.log.3',
      'transfers.log.4',
      'transfers.log',
    ];
    const all = files.flatMap(linesOf);
    expect(all.map(({ n }) => n)).toEqual(Array.from({ length: 2501 }, (_, n) => n));
    expect(linesOf('transfers.log').at(-1)).toMatchObject({ n: 2500 });
  });

  test('leaves no descriptor open', async () => {
    const logs = open();
    const before = readdirSync('/proc/self/fd').length;
    for (let n = 0; n < 20; n++) logs.reopen();
    expect(readdirSync('/proc/self/fd')).toHaveLength(before);
  });

  test('goes on in the old file if a new one cannot be made', async () => {
    const logs = open();
    const logDir = path.join(dir, 'logs');
    renameSync(logDir, path.join(dir, 'moved'));
    writeFileSync(logDir, 'a file in the way');
    logs.reopen();
    logs.logins.info('login');
    await logs.close();
    expect(readFileSync(path.join(dir, 'moved', 'logins.log'), 'utf8')).toContain('"login"');
    unlinkSync(logDir);
  });
});

describe('a disk that takes nothing', () => {
  const full = () => symlinkSync('/dev/full', path.join(dir, 'logs', 'transfers.log'));

  beforeEach(() => {
    execFileSync('mkdir', [path.join(dir, 'logs')]);
  });

  test('is told once in server.log, keeps nothing up, and close() ends', async () => {
    full();
    const logs = open();
    for (let n = 0; n < 3; n++) {
      logs.transfers.info({ n, pad: 'x'.repeat(70_000) }, 'transfer complete');
      await delay(10);
    }
    await logs.close();
    expect(linesOf('server.log')).toMatchObject([
      { level: 'error', file: expect.stringMatching(/transfers\.log$/), err: { code: 'ENOSPC' } },
    ]);
  });

  test('lines are kept for when it takes some again', async () => {
    full();
    const logs = open();
    logs.transfers.info({ n: 1, pad: 'x'.repeat(70_000) }, 'transfer complete');
    await until(() => linesOf('server.log').length === 1);
    unlinkSync(path.join(dir, 'logs', 'transfers.log'));
    logs.reopen();
    logs.transfers.info({ n: 2 }, 'transfer complete');
    await logs.close();
    expect(linesOf('transfers.log').map(({ n }) => n)).toEqual([1, 2]);
  });

  test('memory stays bounded, and the lost lines are counted', async () => {
    full();
    const logs = open();
    const pad = 'x'.repeat(100_000);
    for (let n = 0; n < 100; n++) logs.transfers.info({ n, pad }, 'transfer complete');
    await until(() => linesOf('server.log').length === 1);
    unlinkSync(path.join(dir, 'logs', 'transfers.log'));
    logs.reopen();
    await logs.close();
    const lines = linesOf('transfers.log');
    const { lines: lost } = lines.find(({ msg }) => msg === 'log lines were lost') ?? {};
    expect(lines.length - 1 + Number(lost)).toBe(100);
    expect(lines.length).toBeLessThan(60);
  });
});

describe('a directory that cannot be used stops the start', () => {
  test('a file is in the way', () => {
    writeFileSync(path.join(dir, 'logs'), '');
    const start = () => open();
    expect(start).toThrow(StartError);
    expect(start).toThrow(/^--log-dir: cannot write the logs in .*logs \((EEXIST|ENOTDIR): /);
    expect(start).toThrow(expect.objectContaining({ exitCode: 78 }));
  });

  const asOrdinaryUser = process.getuid?.() === 0 ? test.skip : test;
  asOrdinaryUser('it is read-only', () => {
    chmodSync(dir, 0o500);
    expect(() => open()).toThrow(/^--log-dir: cannot write the logs in .*EACCES/);
    chmodSync(dir, 0o700);
  });
});

describe('the terminal', () => {
  async function shown(level: 'debug' | 'info', speak: (logs: Logs) => void): Promise<string> {
    const terminal = new PassThrough();
    const logs = open({ level, terminal });
    speak(logs);
    await logs.close();
    return writtenText(terminal);
  }

  test('shows a line per event, without colours when it is no terminal', async () => {
    const text = await shown('info', ({ logins, server }) => {
      server.warn({ freeBytes: 5 }, 'disk nearly full');
      logins.child({ session: 's1' }).info({ user: 'anna', path: '/a b.txt' }, 'login');
    });
    expect(text).toMatch(/^\[?\d\d:\d\d:\d\d\]? WARN: disk nearly full freeBytes=5\n/);
    expect(text).toMatch(/INFO: login session=s1 user=anna path="\/a b.txt"\n$/);
    expect(text).not.toContain('\x1b');
  });

  test('shows connections and transfers at level debug only', async () => {
    const speak = (logs: Logs) => {
      logs.connections.info('connected');
      logs.transfers.info('transfer complete');
      logs.signups.info('signed up');
    };
    expect(await shown('info', speak)).toMatch(/^\S+ INFO: signed up\n$/);
    expect(
      (await shown('debug', speak)).match(/connected|transfer complete|signed up/g),
    ).toHaveLength(3);
  });

  test('is not steered by names from clients', async () => {
    const text = await shown('info', ({ logins }) => {
      logins.info({ user: '\x1b[2Janna\x9b2J\r\nINFO: fake', path: 'a\u202eb' }, 'login refused');
    });
    expect(text.trimEnd()).not.toMatch(/\p{Cc}|\u202e/u);
    expect(text).toContain('\\u001b[2Janna\\u009b2J\\r\\nINFO: fake');
  });

  test('has colours if it is a terminal', async () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true });
    const logs = open({ terminal });
    logs.server.info('listening');
    await logs.close();
    expect(writtenText(terminal)).toContain('\x1b[');
  });

  test('that reads nothing does not fill the memory', async () => {
    const terminal = new PassThrough({ highWaterMark: 16 });
    const logs = open({ terminal });
    const pad = 'x'.repeat(100_000);
    for (let n = 0; n < 100; n++) logs.logins.info({ pad }, 'login');
    expect(terminal.writableLength).toBeLessThan(2_000_000);
    await logs.close();
  });
});

describe('secrets', () => {
  test('appear in no log at any level, however they are passed', async () => {
    const terminal = new PassThrough();
    const logs = open({ level: 'debug', terminal });
    for (const log of [logs.server, logs.connections, logs.logins, logs.signups, logs.transfers]) {
      log.debug({ password: 'hunter2', user: 'anna' }, 'login');
      log
        .child({ token: 'hunter2' })
        .info({ command: { verb: 'PASS', pass: 'hunter2' } }, 'command');
      log.info({ line: 'PASS hunter2', line2: ' pass hunter2' }, 'command');
      log.error({ invite: 'hunter2', secret: 'hunter2', newPassword: 'hunter2' }, 'sign-up');
    }
    await logs.close();
    const all = readdirSync(path.join(dir, 'logs')).map((file) =>
      readFileSync(path.join(dir, 'logs', file), 'utf8'),
    );
    expect([...all, writtenText(terminal)].join('')).not.toContain('hunter2');
    expect(linesOf('logins.log')[0]).toMatchObject({ password: '[hidden]', user: 'anna' });
  });
});

test('silent logs keep nothing', async () => {
  const logs = silentLogs();
  logs.server.error('nobody hears');
  logs.reopen();
  await logs.close();
});

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await delay(5);
}
