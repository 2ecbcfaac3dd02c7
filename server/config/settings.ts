import path from 'node:path';
import { isLoopbackHost } from '../network/addresses.ts';
import { formatPublicHost, type PublicHost, parsePublicHosts } from './public-host.ts';
import { formatQuota, parseQuota } from './quota-size.ts';
import type { SettingDefinition, ValueOf } from './setting-definition.ts';
import {
  duration,
  formatRetention,
  HIGHEST_PORT,
  isHostName,
  oneOf,
  parseEncoding,
  parseGroup,
  parseHost,
  parseMaxFiles,
  parsePortRange,
  parseUser,
  pathOf,
  retention,
  wholeNumber,
} from './setting-parsers.ts';
import { formatDuration } from './units.ts';

interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Settings that the defaults of others follow from. */
interface Underived {
  readonly data: string;
  readonly host: string;
}

/**
 * Every setting: how it is read, named, explained and shown. Flags, variables, the settings file, `--help`,
 * `--print-config`, completions, the man page and the table of docs/settings.md come from here.
 */
const settings = {
  host: {
    as: 'host',
    group: 'Network',
    placeholder: '<address>',
    summary: 'address to listen on; :: for all',
    description: 'Address or name to listen on. `::` is all addresses, `0.0.0.0` all of IPv4.',
    parse: parseHost,
    default: '127.0.0.1',
  },
  port: {
    as: 'port',
    group: 'Network',
    placeholder: '<port>',
    summary: 'port to listen on; 0 lets the system choose',
    description: 'Port to listen on. 0 lets the system choose.',
    parse: wholeNumber({
      what: 'a port',
      least: 0,
      most: HIGHEST_PORT,
      example: '2121 (0 lets the system choose)',
    }),
    default: '2121',
  },
  'pasv-range': {
    as: 'pasvRange',
    group: 'Network',
    placeholder: '<first-last>',
    summary: 'ports for passive data connections',
    description: 'Ports of passive data connections, `first-last`.',
    parse: parsePortRange,
    otherwise: 'any',
    example: '50000-50100',
    format: ({ first, last }: PortRange) => `${first}-${last}`,
  },
  'public-host': {
    as: 'publicHosts',
    group: 'Network',
    placeholder: '<host>',
    summary: 'address advertised in PASV replies; repeat with <network>=<host>',
    description: 'Address in PASV replies, see [below](#behind-nat-in-containers). A list.',
    parse: (text: string) => parsePublicHosts(text, { isHostName }),
    otherwise: 'its own',
    derive: () => [],
    example: 'ftp.example.org',
    isList: true,
    format: (hosts: readonly PublicHost[]) => hosts.map(formatPublicHost),
  },
  tls: {
    as: 'tls',
    group: 'TLS',
    placeholder: '<mode>',
    summary: 'off, optional or required',
    description: 'TLS for clients: `off`, `optional` or `required`.',
    parse: oneOf('off', 'optional', 'required'),
    default: 'optional',
  },
  'tls-cert': {
    as: 'tlsCert',
    group: 'TLS',
    placeholder: '<file>',
    summary: 'certificate and its chain, in PEM',
    description: 'PEM file of the certificate, then those that signed it. Needs `tls-key`.',
    parse: pathOf('file'),
    otherwise: 'self-signed',
    example: '/etc/letsencrypt/live/ftp.example.org/fullchain.pem',
    isPath: true,
  },
  'tls-key': {
    as: 'tlsKey',
    group: 'TLS',
    placeholder: '<file>',
    summary: 'private key of the certificate, in PEM',
    description: 'PEM file of the private key, not encrypted. Needs `tls-cert`.',
    parse: pathOf('file'),
    otherwise: 'its own',
    example: '/etc/letsencrypt/live/ftp.example.org/privkey.pem',
    isPath: true,
  },
  'tls-session-reuse': {
    as: 'tlsSessionReuse',
    group: 'TLS',
    placeholder: '<mode>',
    summary: 'reuse for data: off, prefer or require',
    description: 'TLS session resumption of data connections: `off`, `prefer` or `require`.',
    parse: oneOf('off', 'prefer', 'require'),
    default: 'prefer',
  },
  'implicit-port': {
    as: 'implicitPort',
    group: 'TLS',
    placeholder: '<port>',
    summary: 'port for implicit TLS, usually 990',
    description: 'Port for implicit TLS, usually 990. 0 lets the system choose.',
    parse: wholeNumber({
      what: 'a port',
      least: 0,
      most: HIGHEST_PORT,
      example: '990 (0 lets the system choose)',
    }),
    otherwise: 'none',
    example: 990,
  },
  data: {
    as: 'dataDir',
    group: 'Storage',
    placeholder: '<dir>',
    summary: "directory of the server's data",
    description: 'Directory for the database, and for files and logs unless they are set.',
    parse: pathOf('directory'),
    default: './myftp-data',
    isPath: true,
  },
  root: {
    as: 'rootDir',
    group: 'Storage',
    placeholder: '<dir>',
    summary: "directory of the accounts' homes",
    description: 'Directory in which each account has its home.',
    parse: pathOf('directory'),
    otherwise: '<data>/files',
    derive: ({ data }: Underived) => path.join(data, 'files'),
    isPath: true,
  },
  'keep-partials': {
    as: 'keepPartialsMs',
    group: 'Storage',
    placeholder: '<time>',
    summary: 'time to resume cut uploads, or forever',
    description: 'How long a cut upload can be resumed; `forever` or 0 sets no limit.',
    parse: retention({
      purpose: 'to keep partial uploads',
      ...{ leastMs: 1000, mostDays: 3650, word: 'forever', example: '24h' },
    }),
    default: '24h',
    format: formatRetention('forever'),
  },
  'cut-uploads': {
    as: 'cutUploads',
    group: 'Storage',
    placeholder: '<mode>',
    summary: 'keep or publish uploads whose client left',
    description:
      'An upload whose data ended in order while the client left without QUIT: `keep` it as a partial, or `publish` it.',
    parse: oneOf('keep', 'publish'),
    default: 'keep',
  },
  allo: {
    as: 'allo',
    group: 'Storage',
    placeholder: '<mode>',
    summary: 'size declared by ALLO: strict or hint',
    description:
      'Whether an upload has to reach the size that ALLO has declared: `strict` or `hint`.',
    parse: oneOf('strict', 'hint'),
    default: 'strict',
  },
  'recount-every': {
    as: 'recountEveryMs',
    group: 'Storage',
    placeholder: '<time>',
    summary: 'time between recounts of used space, or off',
    description: 'Time between slow recounts of each account; `off` or 0 for none. See below.',
    parse: retention({
      purpose: 'between recounts',
      ...{ leastMs: 60_000, mostDays: 3650, word: 'off', example: '7d' },
    }),
    default: '7d',
    format: formatRetention('off'),
  },
  fsync: {
    as: 'fsync',
    group: 'Storage',
    placeholder: '<mode>',
    summary: 'fsync uploads before 226: on or off',
    description: 'Calls fsync for each upload before reply 226: `off` or `on`.',
    parse: oneOf('off', 'on'),
    default: 'off',
  },
  'fallback-encoding': {
    as: 'fallbackEncoding',
    group: 'Storage',
    placeholder: '<name>',
    summary: 'encoding of names not in UTF-8',
    description: 'Encoding of names that are not UTF-8, such as `windows-1252`.',
    parse: parseEncoding,
    otherwise: 'refuse them',
    example: 'windows-1252',
  },
  'hash-uploads': {
    as: 'hashUploads',
    group: 'Storage',
    placeholder: '<mode>',
    summary: 'hash incoming uploads: auto, on or off',
    description:
      'Computes SHA-256 of uploads while they are received: `auto`, `on` or `off`, see below.',
    parse: oneOf('auto', 'on', 'off'),
    default: 'auto',
  },
  signup: {
    as: 'signup',
    group: 'Accounts',
    placeholder: '<mode>',
    summary: 'open, invite or off',
    description: 'Who may sign up: `open`, `invite` or `off`.',
    parse: oneOf('open', 'invite', 'off'),
    otherwise: 'loopback: open, else invite',
    derive: ({ host }: Underived) => (isLoopbackHost(host) ? 'open' : 'invite'),
  },
  'max-accounts': {
    as: 'maxAccounts',
    group: 'Accounts',
    placeholder: '<count>',
    summary: 'most accounts for sign-up; 0 sets no limit',
    description: 'Accounts beyond which sign-ups are refused. 0 sets no limit.',
    parse: wholeNumber({
      what: 'a number of accounts',
      least: 0,
      most: 1_000_000_000,
      example: '10000 (0 sets no limit)',
    }),
    default: '10000',
  },
  'signups-per-hour': {
    as: 'signupsPerHour',
    group: 'Accounts',
    placeholder: '<count>',
    summary: 'sign-ups of one origin; 0 sets no limit',
    description: 'Sign-ups from one IPv4 address or IPv6 /64 in an hour. 0 sets no limit.',
    parse: wholeNumber({
      what: 'a number of sign-ups',
      least: 0,
      most: 1_000_000,
      example: '20 (0 sets no limit)',
    }),
    default: '20',
  },
  quota: {
    as: 'quotaBytes',
    group: 'Accounts',
    placeholder: '<size>',
    summary: 'quota of new accounts, or unlimited',
    description: 'Quota of new accounts: a size, or `unlimited`. 0 lets them upload nothing.',
    parse: parseQuota,
    default: '1GiB',
    format: formatQuota,
  },
  'max-files': {
    as: 'maxFiles',
    group: 'Accounts',
    placeholder: '<count>',
    summary: 'files of new accounts; 0 sets no limit',
    description: 'Files and directories that a new account may have. 0 sets no limit.',
    parse: parseMaxFiles,
    default: '1000000',
  },
  anonymous: {
    as: 'anonymousDir',
    group: 'Accounts',
    placeholder: '<dir>',
    summary: 'let anonymous read this directory',
    description: 'Directory that anonymous users can read.',
    parse: pathOf('directory'),
    otherwise: 'none',
    example: '/srv/ftp',
    isPath: true,
  },
  'max-sessions': {
    as: 'maxSessions',
    group: 'Limits',
    placeholder: '<count>',
    summary: 'sessions at a time',
    description: 'Sessions at a time, half of them without a login. Needs 96 more open files.',
    parse: wholeNumber({
      what: 'a number of sessions',
      least: 1,
      most: 1_000_000,
      example: '1000',
    }),
    default: '1000',
  },
  'max-per-ip': {
    as: 'maxSessionsPerIp',
    group: 'Limits',
    placeholder: '<count>',
    summary: 'sessions from one address; 0 sets no limit',
    description: 'Sessions from one address or IPv6 /64. 0 sets no limit.',
    parse: wholeNumber({
      what: 'a number of sessions',
      least: 0,
      most: 1_000_000,
      example: '100 (0 sets no limit)',
    }),
    default: '100',
  },
  'max-per-user': {
    as: 'maxSessionsPerUser',
    group: 'Limits',
    placeholder: '<count>',
    summary: 'sessions of one account; 0 sets no limit',
    description: 'Sessions of one account. 0 sets no limit.',
    parse: wholeNumber({
      what: 'a number of sessions',
      least: 0,
      most: 1_000_000,
      example: '100 (0 sets no limit)',
    }),
    default: '100',
  },
  'login-timeout': {
    as: 'loginTimeoutMs',
    group: 'Limits',
    placeholder: '<time>',
    summary: 'login timeout',
    description: 'Time that a client has to log in.',
    parse: duration({ leastMs: 1000 }),
    default: '60s',
    format: formatDuration,
  },
  'idle-timeout': {
    as: 'idleTimeoutMs',
    group: 'Limits',
    placeholder: '<time>',
    summary: 'idle timeout of a session',
    description: 'Time without commands and data after which a session is closed.',
    parse: duration({ leastMs: 1000 }),
    default: '5m',
    format: formatDuration,
  },
  grace: {
    as: 'graceMs',
    group: 'Limits',
    placeholder: '<time>',
    summary: 'shutdown grace period for transfers',
    description: 'Time that running transfers have to finish when the server stops.',
    parse: duration({ leastMs: 0 }),
    default: '10s',
    format: formatDuration,
  },
  user: {
    as: 'user',
    group: 'Process',
    placeholder: '<name>',
    summary: 'user to become when ports are bound',
    description: 'User that root becomes once the ports are bound, by name or number.',
    parse: parseUser,
    otherwise: 'stay',
    example: 'myftp',
  },
  group: {
    as: 'group',
    group: 'Process',
    placeholder: '<name>',
    summary: 'group to become',
    description: 'Group that root becomes. Needs `user`.',
    parse: parseGroup,
    otherwise: "the user's",
    example: 'myftp',
  },
  'audit-keep': {
    as: 'auditKeepMs',
    group: 'Logs',
    placeholder: '<time>',
    summary: 'audit log retention, or off',
    description: 'Retention of the audit log; `off` (or 0) records nothing.',
    parse: retention({
      purpose: 'to keep anything',
      ...{ leastMs: 1000, mostDays: 36_500, word: 'off', example: '90d' },
    }),
    default: '90d',
    format: formatRetention('off'),
  },
  'log-dir': {
    as: 'logDir',
    group: 'Logs',
    placeholder: '<dir>',
    summary: 'directory of the log files',
    description: 'Directory of the log files.',
    parse: pathOf('directory'),
    otherwise: '<data>/logs',
    derive: ({ data }: Underived) => path.join(data, 'logs'),
    isPath: true,
  },
  'log-level': {
    as: 'logLevel',
    group: 'Logs',
    placeholder: '<level>',
    summary: 'debug, info, warn or error',
    description: 'Lowest level that is logged: `debug`, `info`, `warn` or `error`.',
    parse: oneOf('debug', 'info', 'warn', 'error'),
    default: 'info',
  },
} as const satisfies Readonly<Record<string, SettingDefinition>>;

/** Name of a setting: the flag is `--name`, the key of the settings file is the name, `variableOf` gives the variable. */
export type SettingName = keyof typeof settings;

/** Values by name. */
export type SettingValues = {
  readonly [Name in SettingName]: ValueOf<(typeof settings)[Name]>;
};

/** Values by property: everything that an operator can choose, checked and frozen. Paths are absolute. */
export type Settings = {
  readonly [Name in SettingName as (typeof settings)[Name]['as']]: SettingValues[Name];
};

export const settingNames = Object.keys(settings) as readonly SettingName[];

export function definitionOf(name: SettingName): SettingDefinition {
  return settings[name];
}

export function variableOf(name: string): string {
  return `MYFTP_${name.toUpperCase().replaceAll('-', '_')}`;
}
