import { EventEmitter } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { takeDirectories } from '../compose.ts';
import { type SettingName, settingNames, variableOf } from '../config/settings.ts';
import { runCommandLine } from './command-line.ts';

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(path.join(tmpdir(), 'myftp-bad-'));
});

afterEach(() => {
  rmSync(cwd, { recursive: true, force: true });
});

/** Ends before the ports; what binds and reads certificates has tests of its own. */
async function run(args: readonly string[], environment: Record<string, string> = {}) {
  const stderr = new PassThrough();
  const code = await runCommandLine({
    args,
    context: {
      environment,
      cwd,
      stdin: new PassThrough(),
      stdout: new PassThrough(),
      stderr,
      signals: new EventEmitter(),
    },
    loadServer: async () => ({
      takeDirectories,
      startServer: ({ directories }) => {
        directories.release();
        return Promise.reject(new Error('started'));
      },
    }),
  });
  stderr.end();
  return { code, message: await text(stderr) };
}

const NUMBERS = ['', ' ', 'abc', '-1', '1.5', '1e3', '0x10', '99999999', '9'.repeat(30), '１'];
const TIMES = ['', 'soon', '-5', '5 weeks', '1y', '∞', '1h-', '99999d', '9'.repeat(400)];
const WORDS = ['', 'yes', 'true', '1', 'on off', 'öff'];
const PATHS = ['', '  ', 'a\0b'];
const RATES = ['', 'fast', '-1', '10XB', '1', '1023', 'unlimited', '2M/m'];
const NETWORKS = [
  '',
  'anna',
  '10.0.0.0/33',
  '10.0.0.0/8;::1',
  '1.2.3',
  '10.0.0.0/8,',
  'none,::1',
  'all',
];

/** What no setting may take, and what nobody may take for one of its values. */
const BAD: Readonly<Record<SettingName, readonly string[]>> = {
  metrics: [
    '',
    '9121',
    'localhost',
    ':9121',
    '127.0.0.1',
    '127.0.0.1:',
    '::1:9121',
    '[::1]',
    '[1.2.3.4]:1',
    '1.2.3.4:65536',
    '1.2.3.4:-1',
    '1.2.3.4:1 x',
  ],
  hook: [
    '',
    'upload',
    '=/bin/true',
    'upload=',
    'upload=bin/true',
    'uploads=/bin/true',
    'upload,delete=/bin/true',
    'all+upload=/bin/true',
    'upload=ftp://host/',
    'upload=http://',
    'upload=https://example.org/',
  ],
  'password-check': [
    '',
    'check',
    './check',
    'ftp://host/',
    'http://sso.example/ftp',
    'http://10.0.0.1/ftp',
    'https://sso.example/ftp',
  ],
  'password-check-timeout': [...TIMES, '0', '10ms'],
  'password-check-remember': [...TIMES, '10ms', '2d', 'ever'],
  'hook-secret': PATHS,
  'hook-timeout': [...TIMES, '0', '10ms'],
  host: [
    '',
    ' ',
    '*',
    '1.2.3',
    '300.1.1.1',
    'a b',
    '0.0.0.0:21',
    '[::1]:21',
    'http://x',
    ':::',
    '-',
  ],
  port: NUMBERS,
  'pasv-range': ['', '50000', '50000-', '-50000', '2-1', '80-90', '1-99999', 'a-b', '50000..50100'],
  'public-host': ['', '::1', '[::1]', '0.0.0.0', '1.2.3', 'a b', 'http://x'],
  tls: WORDS,
  'tls-cert': PATHS,
  'tls-key': PATHS,
  'tls-session-reuse': WORDS,
  'implicit-port': NUMBERS,
  data: PATHS,
  root: PATHS,
  'keep-partials': [...TIMES, 'off', '1ms'],
  'keep-deleted': [...TIMES, 'forever', '1ms'],
  'count-deleted': ['', 'yes', 'true', '1', 'öff'],
  'recount-every': [...TIMES, 'forever', '59s'],
  fsync: ['', 'yes', 'true', '1', 'öff'],
  'cut-uploads': ['', 'yes', 'true', 'on', 'drop'],
  allo: ['', 'yes', 'true', 'on', 'strikt'],
  umask: ['', '8', '0o22', '27 7', '-22', 'u=rw', '777', '100', '1027', '00027'],
  'file-mode': [
    '',
    '64',
    '0o640',
    '-rw-r-----',
    'u=rw',
    '888',
    '000',
    '440',
    '4755',
    '06640',
    '1640',
  ],
  'directory-mode': ['', '75', '0o750', 'u=rwx', '950', '000', '600', '4755', '02775', '27755'],
  owner: ['', ':', ':1000', '1000:', '1000:1000:1000', '-1', 'a b', '4294967295', '1000;1000'],
  'fallback-encoding': ['', 'klingon', 'utf-8', 'utf-16le'],
  'hash-uploads': ['', 'yes', 'true', '1', 'öff'],
  signup: WORDS,
  'max-accounts': NUMBERS.filter((text) => text !== '99999999'),
  'signups-per-hour': NUMBERS,
  quota: ['', 'big', '-1', '10XB', '10 G B', 'none', 'infinite', '9999999TiB', '1e9'],
  'max-files': [...NUMBERS.filter((text) => text !== '99999999'), '1G', 'unlimited'],
  anonymous: PATHS,
  'anonymous-account': ['', 'ab', 'anonymous', 'FTP', 'a b', '-ab', '../x'],
  'max-upload-size': ['', 'big', '-1', '10XB', 'none', '9999999TiB', '1e9'],
  'max-sessions': [...NUMBERS, '0'],
  'max-per-ip': NUMBERS,
  'max-per-user': NUMBERS,
  'allow-from': NETWORKS,
  'deny-from': NETWORKS,
  'never-ban': NETWORKS,
  'ban-after': NUMBERS,
  'ban-window': [...TIMES, '0', '1ms', '366d'],
  'ban-time': [...TIMES, '0', '1ms', '3651d'],
  'rate-up': RATES,
  'rate-down': RATES,
  'rate-up-per-user': RATES,
  'rate-down-per-user': RATES,
  'rate-up-per-session': RATES,
  'rate-down-per-session': RATES,
  'login-timeout': [...TIMES, '0', '1ms', '30d'],
  'idle-timeout': [...TIMES, '0', '1ms', '30d'],
  grace: [...TIMES, '30d'],
  user: ['', 'root', '0', 'a b', 'a:b', '../x', '-x'],
  group: ['', 'a b', 'a:b', '-x'],
  'audit-keep': [...TIMES, 'forever', '1ms'],
  'log-dir': PATHS,
  'log-level': ['', 'loud', 'trace', '1'],
};

const cases = settingNames.flatMap((name) => BAD[name].map((value) => [name, value] as const));

describe('a bad value is one sentence with its place, exit code 78, and nothing on the disk', () => {
  test.each(cases)('%s = %j', async (name, value) => {
    const flag = await run([`--${name}=${value}`]);
    expect(flag).toEqual({ code: 78, message: sentenceAt(`--${name}`) });
    // An empty variable counts as not set, and none can hold a NUL.
    if (value !== '' && !value.includes('\0')) {
      const variable = variableOf(name);
      const variableRun = await run([], { [variable]: value });
      expect(variableRun).toEqual({ code: 78, message: sentenceAt(variable) });
    }
    expect(readdirSync(cwd)).toEqual([]);
    writeFileSync(path.join(cwd, 'f.toml'), `${name} = ${JSON.stringify(value)}\n`);
    const file = await run(['--config', 'f.toml']);
    expect(file).toEqual({ code: 78, message: sentenceAt(`f.toml: line 1: ${name}`) });
    expect(readdirSync(cwd)).toEqual(['f.toml']);
  });

  test.each(settingNames)('%s as another kind of TOML value', async (name) => {
    for (const value of ['true', '[1]', '{ a = 1 }', '1979-05-27']) {
      writeFileSync(path.join(cwd, 'f.toml'), `${name} = ${value}\n`);
      const { code, message } = await run(['--config', 'f.toml']);
      expect([code, message]).toEqual([78, sentenceAt(`f.toml: line 1: ${name}`)]);
    }
    expect(readdirSync(cwd)).toEqual(['f.toml']);
  });
});

function sentenceAt(place: string): unknown {
  const escaped = place.replaceAll(/[.]/g, String.raw`\.`);
  // One line, and a remedy behind the problem.
  return expect.stringMatching(
    new RegExp(
      `^myftp-server: wrong settings\n${escaped}: [^\n]+\\. [A-Z][^\n]+\\.\n$|^myftp-server: wrong settings\n${escaped}: [^\n]+ such as [^\n]+\\.\n$|^myftp-server: wrong settings\n${escaped}: [^\n]+, which no path can\\.\n$`,
    ),
  );
}

describe('settings that contradict each other', () => {
  test.each([
    [
      '--tls off --tls-session-reuse require',
      '--tls-session-reuse: require is for TLS, which --tls turns off. Leave one of them out.',
    ],
    [
      '--tls off --implicit-port 990',
      '--implicit-port: 990 is for TLS, which --tls turns off. Leave one of them out.',
    ],
    [
      '--anonymous d --anonymous-account dropbox',
      '--anonymous-account: its home takes the place of the directory that --anonymous names. Leave one of them out.',
    ],
    [
      '--group ftp',
      '--group: ftp is the group of a user that is not named. Name the user with --user.',
    ],
    [
      '--anonymous d/files/.myftp-staging/1 --data d',
      '--anonymous: <cwd>/d/files/.myftp-staging/1 is where unfinished uploads or deleted files lie, which guests must not see. Choose another directory.',
    ],
    [
      '--tls-cert c.pem',
      '--tls-cert: <cwd>/c.pem needs its private key. Name the file with --tls-key; it may be the same one.',
    ],
    [
      '--data d --root d',
      '--root: <cwd>/d holds the data directory (<cwd>/d), which clients must not reach. Choose another directory.',
    ],
    [
      '--port 50000 --pasv-range 50000-50100',
      '--pasv-range: 50000-50100 includes 50000, the port that the server listens on. Choose a range without it.',
    ],
  ])('%s', async (args, sentence) => {
    const { code, message } = await run(args.split(' '));
    const shown = message.replaceAll(cwd, '<cwd>');
    expect([code, shown]).toEqual([78, `myftp-server: wrong settings\n${sentence}\n`]);
    expect(readdirSync(cwd)).toEqual([]);
  });

  test('are found behind symbolic links, too', async () => {
    mkdirSync(path.join(cwd, 'd/files/.myftp-staging'), { recursive: true });
    symlinkSync('d/files/.myftp-staging', path.join(cwd, 'public'));
    const { code, message } = await run(['--data', 'd', '--anonymous', 'public']);
    expect([code, message]).toEqual([
      78,
      expect.stringContaining('is where unfinished uploads or deleted files lie'),
    ]);
  });
});

describe('a flag without its value', () => {
  test.each([
    [
      ['--port', '--data', 'X'],
      '--port: its value is missing, as --data is a flag of its own. Write --port <port>.',
    ],
    [
      ['serve', '--data', '--port=21'],
      '--data: its value is missing, as --port=21 is a flag of its own. Write --data <dir>.',
    ],
    [
      ['user', 'add', 'anna', '--quota', '--password-stdin'],
      '--quota: its value is missing, as --password-stdin is a flag of its own. Write --quota <size>.',
    ],
    [
      ['invite', 'create', '--uses', '--json'],
      '--uses: its value is missing, as --json is a flag of its own. Write --uses <count>.',
    ],
  ])('%j', async (args, sentence) => {
    const { code, message } = await run(args);
    expect([code, message]).toEqual([2, `myftp-server: ${sentence}\nSee myftp-server --help.\n`]);
    expect(readdirSync(cwd)).toEqual([]);
  });
});
