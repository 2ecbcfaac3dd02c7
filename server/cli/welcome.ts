import { hostname } from 'node:os';
import path from 'node:path';
import type { SettingsReport } from '../config/read-settings.ts';
import { shellWord } from '../logging/shell-word.ts';
import { isLoopbackHost } from '../network/addresses.ts';
import { generalPublicHost } from '../network/public-host.ts';
import { selfSignedCertFile } from '../tls/self-signed.ts';

/** TLS of the server, for clients. */
export interface ServedTls {
  /** SHA-256 of the certificate, `AB:CD:...`. */
  readonly fingerprint256: string;
  /** Undefined where there is none. */
  readonly implicitPort: number | undefined;
  /** Whether the server has generated the certificate. */
  readonly isSelfSigned: boolean;
}

interface Welcome {
  readonly report: SettingsReport;
  /** Address and port of the server. */
  readonly host: string;
  readonly port: number;
  readonly tls: ServedTls | undefined;
}

type Row = readonly [title: string, text: string];

/** Text for the terminal when the server listens: the address, and what to do next. */
export function welcomeText(welcome: Welcome): string {
  const { settings } = welcome.report;
  const rows: Row[] = [
    ...connectRows(welcome),
    ...certificateRows(welcome),
    ...signUpRows(welcome),
    ['Files', settings.rootDir],
    ...publicRows(welcome),
    ['Data', settings.dataDir],
    ['Logs', settings.logDir],
    ['Stop', 'Ctrl+C'],
    ...mindRows(welcome),
  ];
  const lines = rows.map(([title, text]) => `  ${title.padEnd(9)} ${text}`);
  return `MyFTP is listening on ${ftpUrl(welcome.host, welcome.port)}\n\n${lines.join('\n')}\n\n`;
}

function connectRows(welcome: Welcome): Row[] {
  const { port, tls } = welcome;
  const host = reachableHost(welcome);
  const lftp = `lftp -u anna${lftpSettings(welcome)} ${ftpUrl(host, port)}`;
  const encryption = tls === undefined ? 'only plain FTP' : 'require explicit FTP over TLS';
  const implicit: Row[] =
    tls?.implicitPort === undefined
      ? []
      : [['', `implicit TLS: ${ftpUrl(host, tls.implicitPort, 'ftps')}`]];
  return [
    ['Connect', lftp],
    ['', `FileZilla: host ${host}, port ${port}, ${encryption}`],
    ...implicit,
  ];
}

/** lftp encrypts by itself where it can, and then refuses a certificate that it does not know. */
function lftpSettings({ report, tls }: Welcome): string {
  if (tls === undefined) return '';
  const { dataDir } = report.settings;
  const trust = tls.isSelfSigned
    ? `; set ssl:ca-file ${lftpWord(selfSignedCertFile(path.join(dataDir, 'tls')))}`
    : '';
  return ` -e ${shellWord(`set ftp:ssl-force yes${trust}`)}`;
}

function certificateRows({ tls }: Welcome): Row[] {
  if (tls === undefined) return [];
  const bytes = tls.fingerprint256.split(':');
  const half = bytes.length / 2;
  const fingerprint: Row[] = [
    ['', `  ${bytes.slice(0, half).join(':')}`],
    ['', `  ${bytes.slice(half).join(':')}`],
  ];
  if (!tls.isSelfSigned)
    return [['TLS', 'SHA-256 fingerprint of the certificate:'], ...fingerprint];
  return [
    ['TLS', 'self-signed certificate: compare its SHA-256 when a client asks'],
    ...fingerprint,
    ['', 'your own instead: --tls-cert <file> --tls-key <file>'],
  ];
}

/** ftp(1) cannot encrypt, so it is for this machine alone, and not where TLS is required. */
function signUpRows(welcome: Welcome): Row[] {
  const { report, host, port, tls } = welcome;
  const scope = scopeOf(report);
  const add = `myftp-server user add anna${scope}`;
  const { signup } = report.settings;
  if (signup === 'off') return [['Add users', add]];
  const isPlain = tls === undefined || (isLoopbackHost(host) && report.settings.tls === 'optional');
  const peer = reachableHost(welcome);
  const client = isPlain
    ? `ftp -n ${peer} ${port}`
    : `openssl s_client -starttls ftp -quiet -connect ${authority(peer, port)}`;
  const line = isPlain ? '  quote ' : '  ';
  const steps: Row[] = [
    ['', `${line}SITE SIGNUP anna${signup === 'invite' ? ' <invite>' : ''}`],
    ['', `${line}PASS <password>`],
    ['', `or: ${add}`],
  ];
  if (signup === 'open') return [['Sign up', `${client}, then`], ...steps];
  return [['Sign up', `myftp-server invite create${scope}`], ['', `${client}, then`], ...steps];
}

function publicRows({ report }: Welcome): Row[] {
  const { anonymousDir, anonymousAccount } = report.settings;
  if (anonymousAccount !== undefined)
    return [['Public', `home of ${anonymousAccount} (anybody may use it by its rights)`]];
  return anonymousDir === undefined ? [] : [['Public', `${anonymousDir} (anybody may read)`]];
}

function mindRows({ report, host }: Welcome): Row[] {
  const { tls } = report.settings;
  if (isLoopbackHost(host) || tls === 'required') return [];
  const row: Row = ['Mind', 'plain FTP sends passwords and files unencrypted'];
  return tls === 'off' ? [row] : [row, ['', '--tls required refuses it']];
}

/** The flags with which the administrator's commands find this server's database. */
function scopeOf({ sources, settings, configFile }: SettingsReport): string {
  const source = sources.get('data')?.kind ?? 'default';
  if (source === 'flag') return ` --data ${shellWord(settings.dataDir)}`;
  if (source === 'file' && configFile !== undefined) return ` --config ${shellWord(configFile)}`;
  return '';
}

function lftpWord(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** The address "all" is nothing to connect to. */
function reachableHost({ report, host }: Welcome): string {
  if (host !== '0.0.0.0' && host !== '::') return host;
  return generalPublicHost(report.settings.publicHosts) ?? hostname();
}

/** The URL of a server, for clients. */
export function ftpUrl(host: string, port: number, scheme = 'ftp'): string {
  return `${scheme}://${authority(host, port)}`;
}

function authority(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
