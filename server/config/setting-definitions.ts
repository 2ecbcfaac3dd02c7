import { formatPublicHost } from './public-host.ts';
import { formatQuota } from './quota-size.ts';
import type { SettingName, SettingValues } from './settings-schema.ts';
import { formatDuration } from './units.ts';

type SettingGroup = 'Network' | 'TLS' | 'Storage' | 'Limits' | 'Accounts' | 'Process' | 'Logs';

/** How a setting is named, explained and shown. Its form and default are in `settings-schema.ts`. */
export interface SettingDefinition<Name extends SettingName = SettingName> {
  /** The key of the TOML file, too; the flag is `--name`, `variableOf` gives the variable. */
  readonly name: Name;
  readonly group: SettingGroup;
  readonly placeholder: string;
  /** For `--help`; without the default. */
  readonly summary: string;
  /** The default in words, for settings that have none or one that follows from other settings. */
  readonly otherwise?: string;
  /** Relative paths count from the working directory, in the file from the file's own directory. */
  readonly isPath?: boolean;
  /** The flag can be repeated, a variable separates values by commas, the file can hold an array. */
  readonly isList?: boolean;
  /** The value as a user would write it. */
  format(value: NonNullable<SettingValues[Name]>): string | number | readonly string[];
}

export const settingDefinitions: readonly SettingDefinition[] = [
  define({
    name: 'host',
    group: 'Network',
    placeholder: '<address>',
    summary: 'address to listen on; :: for all',
    format: (value) => value,
  }),
  define({
    name: 'port',
    group: 'Network',
    placeholder: '<port>',
    summary: 'port to listen on; 0 lets the system choose',
    format: (value) => value,
  }),
  define({
    name: 'pasv-range',
    group: 'Network',
    placeholder: '<first-last>',
    summary: 'ports for passive data connections',
    otherwise: 'any',
    format: ({ first, last }) => `${first}-${last}`,
  }),
  define({
    name: 'public-host',
    group: 'Network',
    placeholder: '<host>',
    summary: 'address advertised in PASV replies; repeat with <network>=<host>',
    otherwise: 'its own',
    isList: true,
    format: (hosts) => hosts.map(formatPublicHost),
  }),
  define({
    name: 'tls',
    group: 'TLS',
    placeholder: '<mode>',
    summary: 'off, optional or required',
    format: (value) => value,
  }),
  define({
    name: 'tls-cert',
    group: 'TLS',
    placeholder: '<file>',
    summary: 'certificate and its chain, in PEM',
    otherwise: 'self-signed',
    isPath: true,
    format: (value) => value,
  }),
  define({
    name: 'tls-key',
    group: 'TLS',
    placeholder: '<file>',
    summary: 'private key of the certificate, in PEM',
    otherwise: 'its own',
    isPath: true,
    format: (value) => value,
  }),
  define({
    name: 'tls-session-reuse',
    group: 'TLS',
    placeholder: '<mode>',
    summary: 'off, prefer or require, for data',
    format: (value) => value,
  }),
  define({
    name: 'implicit-port',
    group: 'TLS',
    placeholder: '<port>',
    summary: 'port for implicit TLS, by custom 990',
    otherwise: 'none',
    format: (value) => value,
  }),
  define({
    name: 'data',
    group: 'Storage',
    placeholder: '<dir>',
    summary: "directory of the server's data",
    isPath: true,
    format: (value) => value,
  }),
  define({
    name: 'root',
    group: 'Storage',
    placeholder: '<dir>',
    summary: "directory of the accounts' homes",
    otherwise: '<data>/files',
    isPath: true,
    format: (value) => value,
  }),
  define({
    name: 'keep-partials',
    group: 'Storage',
    placeholder: '<time>',
    summary: 'time to resume a cut upload, or forever',
    format: (value) => (value === 0 ? 'forever' : formatDuration(value)),
  }),
  define({
    name: 'cut-uploads',
    group: 'Storage',
    placeholder: '<mode>',
    summary: 'keep or publish uploads whose client left',
    format: (value) => value,
  }),
  define({
    name: 'allo',
    group: 'Storage',
    placeholder: '<mode>',
    summary: 'size declared by ALLO: strict or hint',
    format: (value) => value,
  }),
  define({
    name: 'recount-every',
    group: 'Storage',
    placeholder: '<time>',
    summary: 'time between recounts of used space, or off',
    format: (value) => (value === 0 ? 'off' : formatDuration(value)),
  }),
  define({
    name: 'fsync',
    group: 'Storage',
    placeholder: '<mode>',
    summary: 'on or off: upload on disk before 226',
    format: (value) => value,
  }),
  define({
    name: 'fallback-encoding',
    group: 'Storage',
    placeholder: '<name>',
    summary: 'encoding of names not in UTF-8',
    otherwise: 'refuse them',
    format: (value) => value,
  }),
  define({
    name: 'hash-uploads',
    group: 'Storage',
    placeholder: '<mode>',
    summary: 'auto, on or off: SHA-256 meanwhile',
    format: (value) => value,
  }),
  define({
    name: 'signup',
    group: 'Accounts',
    placeholder: '<mode>',
    summary: 'open, invite or off',
    otherwise: 'loopback: open, else invite',
    format: (value) => value,
  }),
  define({
    name: 'max-accounts',
    group: 'Accounts',
    placeholder: '<count>',
    summary: 'accounts that end sign-up; 0 sets no limit',
    format: (value) => value,
  }),
  define({
    name: 'signups-per-hour',
    group: 'Accounts',
    placeholder: '<count>',
    summary: 'sign-ups of one origin; 0 sets no limit',
    format: (value) => value,
  }),
  define({
    name: 'quota',
    group: 'Accounts',
    placeholder: '<size>',
    summary: 'quota of new accounts, or unlimited',
    format: formatQuota,
  }),
  define({
    name: 'max-files',
    group: 'Accounts',
    placeholder: '<count>',
    summary: 'files of new accounts; 0 sets no limit',
    format: (value) => value,
  }),
  define({
    name: 'anonymous',
    group: 'Accounts',
    placeholder: '<dir>',
    summary: 'let anonymous read this directory',
    otherwise: 'nobody',
    isPath: true,
    format: (value) => value,
  }),
  define({
    name: 'max-sessions',
    group: 'Limits',
    placeholder: '<count>',
    summary: 'sessions at a time',
    format: (value) => value,
  }),
  define({
    name: 'max-per-ip',
    group: 'Limits',
    placeholder: '<count>',
    summary: 'sessions from one address; 0 sets no limit',
    format: (value) => value,
  }),
  define({
    name: 'max-per-user',
    group: 'Limits',
    placeholder: '<count>',
    summary: 'sessions of one account; 0 sets no limit',
    format: (value) => value,
  }),
  define({
    name: 'login-timeout',
    group: 'Limits',
    placeholder: '<time>',
    summary: 'time to log in',
    format: formatDuration,
  }),
  define({
    name: 'idle-timeout',
    group: 'Limits',
    placeholder: '<time>',
    summary: 'time without commands or data',
    format: formatDuration,
  }),
  define({
    name: 'grace',
    group: 'Limits',
    placeholder: '<time>',
    summary: 'time for running transfers at a stop',
    format: formatDuration,
  }),
  define({
    name: 'user',
    group: 'Process',
    placeholder: '<name>',
    summary: 'user to become when ports are bound',
    otherwise: 'stay',
    format: (value) => value,
  }),
  define({
    name: 'group',
    group: 'Process',
    placeholder: '<name>',
    summary: 'group to become',
    otherwise: "the user's",
    format: (value) => value,
  }),
  define({
    name: 'audit-keep',
    group: 'Logs',
    placeholder: '<time>',
    summary: 'keep who did what so long, or off',
    format: (value) => (value === 0 ? 'off' : formatDuration(value)),
  }),
  define({
    name: 'log-dir',
    group: 'Logs',
    placeholder: '<dir>',
    summary: 'directory of the log files',
    otherwise: '<data>/logs',
    isPath: true,
    format: (value) => value,
  }),
  define({
    name: 'log-level',
    group: 'Logs',
    placeholder: '<level>',
    summary: 'debug, info, warn or error',
    format: (value) => value,
  }),
];

export function variableOf(name: SettingName): string {
  return `MYFTP_${name.toUpperCase().replaceAll('-', '_')}`;
}

/** Each definition formats its own value; nobody can tell the types apart in one list. */
function define<Name extends SettingName>(definition: SettingDefinition<Name>): SettingDefinition {
  return definition as unknown as SettingDefinition;
}
