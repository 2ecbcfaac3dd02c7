import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { isLoopbackHost } from '../network/addresses.ts';
import { formatNetwork } from '../network/public-host.ts';
import { UNLIMITED } from '../quota/unlimited.ts';
import { ConfigError } from './config-error.ts';
import { printConfig } from './print-config.ts';
import { readSettings } from './read-settings.ts';

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(path.join(tmpdir(), 'myftp-config-'));
});

afterEach(() => {
  rmSync(cwd, { recursive: true, force: true });
});

interface Written {
  readonly flags?: Record<string, string>;
  readonly environment?: Record<string, string>;
  /** The text of `myftp.toml`, which is then named by `--config`. */
  readonly toml?: string;
}

function read({ flags = {}, environment = {}, toml }: Written) {
  if (toml === undefined) return readSettings({ flags, environment, cwd });
  writeFileSync(path.join(cwd, 'myftp.toml'), toml);
  return readSettings({ flags: { config: 'myftp.toml', ...flags }, environment, cwd });
}

function problemsOf(written: Written): readonly string[] {
  try {
    read(written);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('without any setting', () => {
  test('everything has a default', () => {
    expect(read({}).settings).toEqual({
      host: '127.0.0.1',
      port: 2121,
      allowFrom: [],
      denyFrom: [],
      neverBan: ['127.0.0.0/8', '::1'],
      banAfter: 30,
      banWindowMs: 1_800_000,
      banTimeMs: 600_000,
      rateUp: 0,
      rateDown: 0,
      rateUpPerUser: 0,
      rateDownPerUser: 0,
      rateUpPerSession: 0,
      rateDownPerSession: 0,
      dataDir: path.join(cwd, 'myftp-data'),
      rootDir: path.join(cwd, 'myftp-data/files'),
      pasvRange: undefined,
      publicHosts: [],
      tls: 'optional',
      tlsCert: undefined,
      tlsKey: undefined,
      tlsSessionReuse: 'prefer',
      implicitPort: undefined,
      maxSessions: 1000,
      maxSessionsPerIp: 100,
      maxSessionsPerUser: 100,
      loginTimeoutMs: 60_000,
      idleTimeoutMs: 300_000,
      graceMs: 10_000,
      signup: 'open',
      maxAccounts: 10_000,
      signupsPerHour: 20,
      quotaBytes: 1024 ** 3,
      maxFiles: 1_000_000,
      anonymousAccount: undefined,
      maxUploadBytes: Number.MAX_SAFE_INTEGER,
      anonymousDir: undefined,
      fallbackEncoding: undefined,
      hashUploads: 'auto',
      passwordCheck: undefined,
      passwordCheckTimeoutMs: 10_000,
      passwordCheckRememberMs: 60_000,
      hookSecret: undefined,
      hookTimeoutMs: 30_000,
      hooks: [],
      auditKeepMs: 90 * 86_400_000,
      keepPartialsMs: 86_400_000,
      keepDeletedMs: 0,
      countDeleted: 'on',
      cutUploads: 'keep',
      allo: 'strict',
      recountEveryMs: 7 * 86_400_000,
      fsync: 'off',
      logDir: path.join(cwd, 'myftp-data/logs'),
      logLevel: 'info',
    });
  });

  test('the settings are frozen', () => {
    const { settings } = read({ flags: { 'pasv-range': '50000-50100' } });
    expect(Object.isFrozen(settings) && Object.isFrozen(settings.pasvRange)).toBe(true);
  });
});

describe('precedence', () => {
  const toml = 'port = 2001\nquota = "1GB"\nsignup = "off"\n';
  const environment = { MYFTP_PORT: '2002', MYFTP_QUOTA: '2GB' };

  test('a flag beats a variable, which beats the file, which beats the default', () => {
    const { settings, sources } = read({ flags: { port: '2003' }, environment, toml });
    expect(settings).toMatchObject({ port: 2003, quotaBytes: 2e9, signup: 'off', graceMs: 10_000 });
    expect(['port', 'quota', 'signup', 'grace'].map((name) => sources.get(name as 'port'))).toEqual(
      [
        { kind: 'flag', flag: '--port' },
        { kind: 'variable', variable: 'MYFTP_QUOTA' },
        { kind: 'file', file: 'myftp.toml', line: 3, key: 'signup' },
        { kind: 'default' },
      ],
    );
  });

  test('a value that another one beats is not checked', () => {
    expect(read({ flags: { port: '2003' }, environment: { MYFTP_PORT: 'x' } }).settings.port).toBe(
      2003,
    );
  });

  test('a variable names the file, and a flag another one instead', () => {
    writeFileSync(path.join(cwd, 'other.toml'), 'port = 2004\n');
    const other = { MYFTP_CONFIG: 'other.toml' };
    expect(read({ environment: other }).settings.port).toBe(2004);
    expect(read({ environment: other, toml }).settings.port).toBe(2001);
  });

  test('an empty variable counts as not set', () => {
    expect(read({ environment: { MYFTP_PORT: '' } }).settings.port).toBe(2121);
  });
});

describe('values that follow from others', () => {
  test('root and logs lie in the data directory', () => {
    const { settings } = read({ flags: { data: '/srv/ftp' } });
    expect(settings).toMatchObject({ rootDir: '/srv/ftp/files', logDir: '/srv/ftp/logs' });
  });

  test.each([
    ['127.0.0.1', 'open'],
    ['127.8.8.8', 'open'],
    ['::1', 'open'],
    ['localhost', 'open'],
    ['0.0.0.0', 'invite'],
    ['::', 'invite'],
    ['192.168.1.5', 'invite'],
  ])('on %s sign-up is %s', (host, signup) => {
    expect(read({ flags: { host } }).settings.signup).toBe(signup);
  });

  test('only this machine reaches a loopback address', () => {
    expect(['localhost', '::1', '127.0.0.1'].every(isLoopbackHost)).toBe(true);
    expect(['localhost.example.org', '::', '10.0.0.1'].some(isLoopbackHost)).toBe(false);
  });
});

describe('paths', () => {
  test('relative ones count from the working directory', () => {
    const { settings } = read({ flags: { data: 'd' }, environment: { MYFTP_ROOT: './r' } });
    expect(settings).toMatchObject({ dataDir: path.join(cwd, 'd'), rootDir: path.join(cwd, 'r') });
  });

  test("in the file they count from the file's own directory", () => {
    const elsewhere = mkdtempSync(path.join(tmpdir(), 'myftp-config-'));
    writeFileSync(path.join(elsewhere, 'ftp.toml'), 'data = "d"\n');
    const { settings } = read({ flags: { config: path.join(elsewhere, 'ftp.toml') } });
    rmSync(elsewhere, { recursive: true });
    expect(settings.dataDir).toBe(path.join(elsewhere, 'd'));
  });

  test('of the certificate and its key are treated alike', () => {
    const { settings } = read({ flags: { 'tls-cert': 'c.pem' }, toml: 'tls-key = "~/k.pem"' });
    expect(settings.tlsCert).toBe(path.join(cwd, 'c.pem'));
    expect(settings.tlsKey).toBe(path.join(homedir(), 'k.pem'));
  });

  test('a leading ~ is the home directory', () => {
    expect(read({ toml: 'data = "~/ftp"' }).settings.dataDir).toBe(path.join(homedir(), 'ftp'));
  });
});

describe('accepted forms', () => {
  test.each([
    ['pasv-range', '50000-50100', { pasvRange: { first: 50_000, last: 50_100 } }],
    ['pasv-range', '50000-50000', { pasvRange: { first: 50_000, last: 50_000 } }],
    ['quota', 'Unlimited', { quotaBytes: UNLIMITED }],
    ['max-files', '0', { maxFiles: 0 }],
    ['user', 'myftp', { user: 'myftp' }],
    ['user', '1000', { user: '1000' }],
    ['host', '[::1]', { host: '::1' }],
    ['fallback-encoding', 'latin1', { fallbackEncoding: 'windows-1252' }],
    ['keep-partials', '1h30m', { keepPartialsMs: 5_400_000 }],
    ['keep-partials', '90d', { keepPartialsMs: 90 * 86_400_000 }],
    ['keep-partials', 'Forever', { keepPartialsMs: 0 }],
    ['keep-partials', '0', { keepPartialsMs: 0 }],
    ['keep-deleted', '7d', { keepDeletedMs: 7 * 86_400_000 }],
    ['keep-deleted', 'Off', { keepDeletedMs: 0 }],
    ['recount-every', '12h', { recountEveryMs: 43_200_000 }],
    ['recount-every', 'Off', { recountEveryMs: 0 }],
    ['recount-every', '0', { recountEveryMs: 0 }],
    ['fsync', 'on', { fsync: 'on' }],
    ['umask', '0027', { umask: 0o027 }],
    ['umask', '22', { umask: 0o022 }],
    ['umask', '0', { umask: 0 }],
    ['file-mode', '0644', { fileMode: 0o644 }],
    ['file-mode', '600', { fileMode: 0o600 }],
    ['directory-mode', '750', { directoryMode: 0o750 }],
    ['directory-mode', '0755', { directoryMode: 0o755 }],
    ['directory-mode', '2775', { directoryMode: 0o2775 }],
    ['owner', '1000', { owner: '1000' }],
    ['owner', ' www-data:1000 ', { owner: 'www-data:1000' }],
    ['log-level', 'DEBUG', { logLevel: 'debug' }],
    ['max-per-ip', '0', { maxSessionsPerIp: 0 }],
    ['rate-up', '2M', { rateUp: 2 * 1024 ** 2 }],
    ['rate-down', '10MB/s', { rateDown: 10_000_000 }],
    ['rate-up-per-user', 'Off', { rateUpPerUser: 0 }],
    ['ban-after', 'off', { banAfter: 0 }],
    ['never-ban', 'None', { neverBan: [] }],
    ['allow-from', '10.0.0.1/8, ::1', { allowFrom: ['10.0.0.0/8', '::1'] }],
    ['grace', '0', { graceMs: 0 }],
    ['anonymous', '/srv/pub', { anonymousDir: '/srv/pub' }],
    ['tls', 'Required', { tls: 'required' }],
    ['tls-session-reuse', 'require', { tlsSessionReuse: 'require' }],
    ['implicit-port', '990', { implicitPort: 990 }],
    ['implicit-port', '0', { implicitPort: 0 }],
  ])('--%s %s', (name, text, expected) => {
    expect(read({ flags: { [name]: text } }).settings).toMatchObject(expected);
  });

  test.each<[string, readonly [string, string][]]>([
    ['ftp.example.org', [['', 'ftp.example.org']]],
    ['192.168.0.0/16=192.168.77.1', [['192.168.0.0/16', '192.168.77.1']]],
    ['172.30.99.1=ftp.example.org', [['172.30.99.1/32', 'ftp.example.org']]],
    ['0.0.0.0/0 = 203.0.113.5', [['0.0.0.0/0', '203.0.113.5']]],
    [
      ' 203.0.113.5 , 100.64.0.0/10=100.101.102.103',
      [
        ['', '203.0.113.5'],
        ['100.64.0.0/10', '100.101.102.103'],
      ],
    ],
  ])('--public-host %j', (text, expected) => {
    const { publicHosts } = read({ flags: { 'public-host': text } }).settings;
    expect(
      publicHosts.map(({ network, host }) => [network ? formatNetwork(network) : '', host]),
    ).toEqual(expected);
  });

  test('the hosts of --public-host may be commas in a variable or an array in the file', () => {
    const hosts = ['ftp.example.org', '10.0.0.0/8=10.1.2.3'];
    const expected = [
      { network: undefined, host: 'ftp.example.org' },
      { network: { address: '10.0.0.0', prefix: 8 }, host: '10.1.2.3' },
    ];
    const variable = read({ environment: { MYFTP_PUBLIC_HOST: hosts.join(',') } });
    const file = read({ toml: `public-host = ${JSON.stringify(hosts)}\n` });
    expect(variable.settings.publicHosts).toEqual(expected);
    expect(file.settings.publicHosts).toEqual(expected);
  });

  test.each([
    ['public-host = []', 'myftp.toml: line 1: public-host: must be a text or an array of texts'],
    [
      'public-host = [1, "a"]',
      'myftp.toml: line 1: public-host: must be a text or an array of texts',
    ],
    ['port = ["21"]', 'myftp.toml: line 1: port: must be a text or a number'],
    [
      'file-mode = 0o640',
      'myftp.toml: line 1: file-mode: a text stands in quotes, such as file-mode = "...".',
    ],
    ['umask = 27', 'myftp.toml: line 1: umask: a text stands in quotes'],
  ])('%s in the file is refused', (toml, beginning) => {
    expect(problemsOf({ toml })).toEqual([expect.stringContaining(beginning)]);
  });

  test('the file may write numbers as numbers', () => {
    const { settings } = read({ toml: 'port = 2_200\nquota = 500_000\nidle-timeout = 30\n' });
    expect(settings).toMatchObject({ port: 2200, quotaBytes: 500_000, idleTimeoutMs: 30_000 });
  });
});

describe('a bad value is a sentence that starts with its place and shows the right form', () => {
  test.each<[string, string, string]>([
    [
      'port',
      'abc',
      '"abc" is not a port. Write a whole number from 0 to 65535, such as 2121 (0 lets the system choose).',
    ],
    [
      'port',
      '65536',
      '"65536" is not a port. Write a whole number from 0 to 65535, such as 2121 (0 lets the system choose).',
    ],
    [
      'port',
      '21.5',
      '"21.5" is not a port. Write a whole number from 0 to 65535, such as 2121 (0 lets the system choose).',
    ],
    [
      'host',
      '',
      '"" is not an address or host name. Write one such as 127.0.0.1, :: or ftp.example.org.',
    ],
    [
      'host',
      '1.2.3',
      '"1.2.3" is not an address or host name. Write one such as 127.0.0.1, :: or ftp.example.org.',
    ],
    ['host', '0.0.0.0:21', '"0.0.0.0:21" has a port in it. Write 0.0.0.0 here and 21 as the port.'],
    ['host', '*', '"*" is not an address. Write :: for all addresses, or 0.0.0.0 for all of IPv4.'],
    [
      'pasv-range',
      'many',
      '"many" is not a range of ports. Write first-last, such as 50000-50100.',
    ],
    [
      'pasv-range',
      '40000:40010',
      '"40000:40010" is not a range of ports. Write first-last, such as 40000-40010.',
    ],
    [
      'pasv-range',
      '50100-50000',
      '"50100-50000" runs backwards. Write the lower port first: 50000-50100.',
    ],
    [
      'pasv-range',
      '50000',
      '"50000" is one port. Write first-last, such as 50000-50100, with a port for each transfer that an address runs at a time.',
    ],
    [
      'pasv-range',
      '60000-70000',
      '"60000-70000" leaves the usable ports. Write a range within 1024-65535, such as 50000-50100.',
    ],
    [
      'public-host',
      '2001:db8::1',
      '"2001:db8::1" is an IPv6 address, which PASV cannot advertise. Write an IPv4 address or a host name; peers over IPv6 use EPSV, which needs none.',
    ],
    [
      'public-host',
      '0.0.0.0',
      '0.0.0.0 is no address to connect to. Write the address that clients reach, such as 203.0.113.5.',
    ],
    [
      'public-host',
      'ftp example',
      '"ftp example" is not an IPv4 address or host name. Write one such as 203.0.113.5 or ftp.example.org.',
    ],
    [
      'public-host',
      '192.168.0.0/16',
      '"192.168.0.0/16" is not an IPv4 address or host name. Write one such as 203.0.113.5 or ftp.example.org. For the peers of a network, write NETWORK=HOST, such as 192.168.0.0/16=192.168.77.1.',
    ],
    [
      'public-host',
      '192.168.0.0/33=192.168.77.1',
      '"192.168.0.0/33" is not an IPv4 network. Write NETWORK=HOST, such as 192.168.0.0/16=192.168.77.1.',
    ],
    [
      'public-host',
      'lan=192.168.77.1',
      '"lan" is not an IPv4 network. Write NETWORK=HOST, such as 192.168.0.0/16=192.168.77.1.',
    ],
    [
      'public-host',
      '192.168.77.1/20=192.168.77.1',
      '"192.168.77.1/20" is an address within a network. Write the network as 192.168.64.0/20, or the address alone as 192.168.77.1/32.',
    ],
    [
      'public-host',
      'fd00::/8=192.168.77.1',
      '"fd00::/8" is an IPv6 network, whose peers use EPSV and need no address. Leave "fd00::/8=192.168.77.1" out.',
    ],
    [
      'public-host',
      '10.0.0.0/8=fd00::1',
      '"fd00::1" is an IPv6 address, which PASV cannot advertise. Write an IPv4 address or a host name; peers over IPv6 use EPSV, which needs none.',
    ],
    [
      'public-host',
      '203.0.113.5,203.0.113.6',
      '"203.0.113.6" is the second host without a network. Write one such host; the others need one, such as 192.168.0.0/16=192.168.77.1.',
    ],
    [
      'public-host',
      '10.0.0.0/8=a,10.0.0.0/8=b',
      '10.0.0.0/8 is listed twice. Leave one of its entries out.',
    ],
    [
      'public-host',
      'a,',
      '"" is not an IPv4 address or host name. Write one such as 203.0.113.5 or ftp.example.org.',
    ],
    [
      'max-sessions',
      '0',
      '"0" is not a number of sessions. Write a whole number from 1 to 1000000, such as 1000.',
    ],
    [
      'idle-timeout',
      'soon',
      '"soon" is not a duration. Write seconds or a number with a unit, such as 300s, 5m or 1h.',
    ],
    ['idle-timeout', '0', '"0" is too short. Write 1s or more.'],
    ['login-timeout', '30d', '"30d" is too long. Write 24d or less.'],
    [
      'quota',
      'big',
      '"big" is not a size. Write bytes or a number with a unit, such as 500M, 10GB or 1GiB.',
    ],
    ['tls', 'yes', '"yes" is not one of its values. Write off, optional or required.'],
    [
      'tls-session-reuse',
      'maybe',
      '"maybe" is not one of its values. Write off, prefer or require.',
    ],
    [
      'implicit-port',
      'ftps',
      '"ftps" is not a port. Write a whole number from 0 to 65535, such as 990 (0 lets the system choose).',
    ],
    ['tls-cert', '', 'it is empty. Write the path of a file.'],
    ['signup', 'yes', '"yes" is not one of its values. Write open, invite or off.'],
    ['log-level', 'loud', '"loud" is not one of its values. Write debug, info, warn or error.'],
    [
      'fallback-encoding',
      'klingon',
      '"klingon" is not a known encoding. Write one such as windows-1252, iso-8859-2, shift_jis or gb18030.',
    ],
    [
      'fallback-encoding',
      'utf-16',
      '"utf-16" cannot stand in FTP commands. Write one that extends ASCII, such as windows-1252.',
    ],
    [
      'fallback-encoding',
      'utf8',
      'names are read as UTF-8 first anyway. Name the encoding of the others, such as windows-1252, or leave it out.',
    ],
    ['root', ' ', 'it is empty. Write the path of a directory.'],
  ])('--%s %j', (name, text, sentence) => {
    expect(problemsOf({ flags: { [name]: text } })).toEqual([`--${name}: ${sentence}`]);
    expect(problemsOf({ toml: `${name} = ${JSON.stringify(text)}` })).toEqual([
      `myftp.toml: line 1: ${name}: ${sentence}`,
    ]);
  });

  test('a variable is named as a variable', () => {
    expect(problemsOf({ environment: { MYFTP_PASV_RANGE: '2-1' } })).toEqual([
      'MYFTP_PASV_RANGE: "2-1" runs backwards. Write the lower port first: 1-2.',
    ]);
  });

  test('a value of the wrong type in the file', () => {
    expect(problemsOf({ toml: 'port = true\nroot = ["a"]' })).toEqual([
      'myftp.toml: line 1: port: must be a text or a number, such as port = "...".',
      'myftp.toml: line 2: root: must be a text or a number, such as root = "...".',
    ]);
  });

  test('all problems are told at once, from all places', () => {
    expect(
      problemsOf({
        flags: { port: 'x' },
        environment: { MYFTP_SIGNUP: 'maybe', MYFTP_PROT: '21' },
        toml: 'quota = "big"\nmax_sessions = 5\n',
      }).map((sentence) => sentence.replace(/(: ).*/, '')),
    ).toEqual(['MYFTP_PROT', 'myftp.toml', '--port', 'MYFTP_SIGNUP', 'myftp.toml'].map(String));
  });

  test('the error stops the start with the exit code for configurations', () => {
    expect(() => read({ flags: { port: 'x' } })).toThrow(expect.objectContaining({ exitCode: 78 }));
  });
});

describe('unknown names', () => {
  test('a key of the file, with the nearest one', () => {
    expect(problemsOf({ toml: 'pasv_range = "50000-50100"' })).toEqual([
      'myftp.toml: line 1: pasv_range: there is no such setting. Did you mean pasv-range?',
    ]);
  });

  test('a key of the file that is near to none', () => {
    expect(problemsOf({ toml: 'colour = "red"' })).toEqual([
      'myftp.toml: line 1: colour: there is no such setting. See myftp-server --help.',
    ]);
  });

  test('a table', () => {
    expect(problemsOf({ toml: '[server]\nport = 21' })).toEqual([
      'myftp.toml: line 1: server: there is no such table. Settings stand at the top of the file, outside any [table].',
    ]);
  });

  test('a variable, with the nearest one', () => {
    expect(problemsOf({ environment: { MYFTP_MAX_SESSION: '5' } })).toEqual([
      'MYFTP_MAX_SESSION: there is no such setting. Did you mean MYFTP_MAX_SESSIONS?',
    ]);
  });

  test("variables of the terminal client, the benchmark and others are not the server's business", () => {
    expect(
      problemsOf({
        environment: { MYFTP_TUI_THEME: 'x', MYFTP_BENCH_PORT: '1', MYFTPD: 'x', PORT: 'x' },
      }),
    ).toEqual([]);
  });
});

describe('the file itself', () => {
  test('is missing', () => {
    expect(problemsOf({ flags: { config: 'no.toml' } })).toEqual([
      '--config: no.toml cannot be read: there is no such file.',
    ]);
    expect(problemsOf({ environment: { MYFTP_CONFIG: '.' } })).toEqual([
      'MYFTP_CONFIG: . cannot be read: it is a directory.',
    ]);
  });

  test.each([
    ['host = ::', 'host: a text stands in quotes. Write host = "::".'],
    ['host = 127.0.0.1 # all', 'host: a text stands in quotes. Write host = "127.0.0.1".'],
    ['quota = 10GB', 'quota: a text stands in quotes. Write quota = "10GB".'],
    [
      'pasv-range = 50000-50100',
      'pasv-range: a text stands in quotes. Write pasv-range = "50000-50100".',
    ],
  ])('has a text without quotes: %s', (line, sentence) => {
    expect(problemsOf({ toml: `port = 2121\n${line}\n` })).toEqual([
      `myftp.toml: line 2: ${sentence}`,
    ]);
  });

  test('is not TOML: line and column are told', () => {
    expect(problemsOf({ toml: 'port = 2121\nhost = "127.0.0.1" x\n' })).toEqual([
      expect.stringMatching(/^myftp\.toml: line 2, column \d+: [^\n]+\.$/),
    ]);
  });
});

describe('settings that exclude each other', () => {
  test('a passive range with the listening port in it', () => {
    expect(problemsOf({ environment: { MYFTP_PASV_RANGE: '2100-2200' } })).toEqual([
      'MYFTP_PASV_RANGE: 2100-2200 includes 2121, the port that the server listens on. Choose a range without it.',
    ]);
  });

  test.each([
    [
      { 'implicit-port': '2121' },
      '--implicit-port: 2121 is the port for clients that start without TLS, too. Choose another one; 990 is customary.',
    ],
    [
      { 'implicit-port': '50050', 'pasv-range': '50000-50100' },
      '--pasv-range: 50000-50100 includes 50050, the port for implicit TLS. Choose a range without it.',
    ],
    [
      { 'implicit-port': '990', tls: 'off' },
      '--implicit-port: 990 is for TLS, which --tls turns off. Leave one of them out.',
    ],
    [
      { 'tls-cert': '/etc/c.pem' },
      '--tls-cert: /etc/c.pem needs its private key. Name the file with --tls-key; it may be the same one.',
    ],
    [
      { 'tls-key': '/etc/k.pem' },
      '--tls-key: /etc/k.pem needs its certificate. Name the file with --tls-cert; it may be the same one.',
    ],
    [
      { root: '/srv', 'tls-cert': '/srv/tls/c.pem', 'tls-key': '/srv/tls/k.pem' },
      '--root: /srv holds the private key (/srv/tls/k.pem), which clients must not reach. Choose another directory.',
    ],
  ])('%j', (flags, sentence) => {
    expect(problemsOf({ flags })).toEqual([sentence]);
  });

  test('two ports that the system chooses do not clash', () => {
    expect(problemsOf({ flags: { port: '0', 'implicit-port': '0' } })).toEqual([]);
  });

  test.each([
    [
      { root: '/srv/ftp', data: '/srv/ftp/data' },
      '--root: /srv/ftp holds the data directory (/srv/ftp/data)',
    ],
    [
      { root: '/srv/ftp', data: '/srv/ftp' },
      '--root: /srv/ftp holds the data directory (/srv/ftp)',
    ],
    [
      { root: '/srv/ftp', 'log-dir': '/srv/ftp/logs' },
      '--root: /srv/ftp holds the log directory (/srv/ftp/logs)',
    ],
    [
      { anonymous: '/srv', root: '/srv/ftp' },
      '--anonymous: /srv holds the homes of all accounts (/srv/ftp)',
    ],
  ])('%j', (flags, beginning) => {
    expect(problemsOf({ flags })).toEqual([
      `${beginning}, which clients must not reach. Choose another directory.`,
    ]);
  });

  test('directories beside each other are fine', () => {
    expect(
      problemsOf({ flags: { root: '/srv/ftp', data: '/srv/ftp-data', anonymous: '/srv/pub' } }),
    ).toEqual([]);
  });
});

describe('--print-config', () => {
  const written: Written = {
    flags: { port: '2200', 'pasv-range': '50000-50100' },
    environment: { MYFTP_QUOTA: '10GB', MYFTP_DATA: '/srv/my "ftp"\t\x7f' },
    toml: 'idle-timeout = 90\n',
  };

  test('shows every value in human units and where it came from', () => {
    expect(printConfig(read(written))).toMatchInlineSnapshot(`
"# Settings of MyFTP. Save as a file and name it with --config to start with them.
# Read from "myftp.toml".

# Network
host = "127.0.0.1"                          # default
port = 2200                                 # --port
pasv-range = "50000-50100"                  # --pasv-range
# public-host = []                          # default: its own

# TLS
tls = "optional"                            # default
# tls-cert                                  # default: self-signed
# tls-key                                   # default: its own
tls-session-reuse = "prefer"                # default
# implicit-port                             # default: none

# Storage
data = "/srv/my \\"ftp\\"\\t\\u007f"            # MYFTP_DATA
# root = "/srv/my \\"ftp\\"\\t\\u007f/files"    # default: <data>/files
keep-partials = "1d"                        # default
keep-deleted = "off"                        # default
count-deleted = "on"                        # default
cut-uploads = "keep"                        # default
allo = "strict"                             # default
recount-every = "7d"                        # default
fsync = "off"                               # default
# umask                                     # default: that of the process
# file-mode                                 # default: follows from umask
# directory-mode                            # default: follows from umask
# owner                                     # default: the user of the server
# fallback-encoding                         # default: refuse them
hash-uploads = "auto"                       # default

# Accounts
# signup = "open"                           # default: loopback: open, else invite
max-accounts = 10000                        # default
signups-per-hour = 20                       # default
quota = "10GB"                              # MYFTP_QUOTA
max-files = 1000000                         # default
# anonymous                                 # default: none
# anonymous-account                         # default: none
max-upload-size = "unlimited"               # default

# Limits
max-sessions = 1000                         # default
max-per-ip = 100                            # default
max-per-user = 100                          # default
login-timeout = "1m"                        # default
idle-timeout = "90s"                        # myftp.toml
grace = "10s"                               # default

# Accounts
# password-check                            # default: none
password-check-timeout = "10s"              # default
password-check-remember = "1m"              # default

# Limits
rate-up = "off"                             # default
rate-down = "off"                           # default
rate-up-per-user = "off"                    # default
rate-down-per-user = "off"                  # default
rate-up-per-session = "off"                 # default
rate-down-per-session = "off"               # default

# Access
# allow-from = []                           # default: any
# deny-from = []                            # default: none
ban-after = 30                              # default
ban-window = "30m"                          # default
ban-time = "10m"                            # default
never-ban = ["127.0.0.0/8", "::1"]          # default

# Process
# user                                      # default: stay
# group                                     # default: the user's
# metrics                                   # default: none

# Logs
audit-keep = "90d"                          # default
# log-dir = "/srv/my \\"ftp\\"\\t\\u007f/logs"  # default: <data>/logs
log-level = "info"                          # default

# Hooks
# hook = []                                 # default: none
# hook-secret                               # default: none
hook-timeout = "30s"                        # default
"
`);
  });

  test.each<Written>([
    written,
    { flags: { 'public-host': 'ftp.example.org' } },
    { flags: { 'public-host': '203.0.113.5,192.168.0.0/16=192.168.77.1,10.1.2.3=ftp.lan' } },
  ])('saved and read with --config it gives the same settings: %j', (settings) => {
    const saved = printConfig(read(settings));
    expect(read({ toml: saved }).settings).toEqual(read(settings).settings);
  });

  test('shows a list as one', () => {
    const flags = { 'public-host': 'ftp.example.org,100.64.0.0/10=100.101.102.103' };
    expect(printConfig(read({ flags }))).toMatch(
      /^public-host = \["ftp.example.org", "100.64.0.0\/10=100.101.102.103"\] +# --public-host$/m,
    );
  });

  test('defaults that follow from other settings keep following when saved', () => {
    const saved = printConfig(read({}));
    const { settings } = read({ flags: { host: '0.0.0.0', data: '/srv/ftp' }, toml: saved });
    expect(settings).toMatchObject({ signup: 'invite', rootDir: '/srv/ftp/files' });
  });
});
