import { hostname } from 'node:os';
import { isLoopback, type SettingsReport } from '../config.ts';

interface Welcome {
  readonly report: SettingsReport;
  /** Where the server listens. */
  readonly host: string;
  readonly port: number;
}

/** What the terminal shows once the server listens: where, and what to do next. */
export function welcomeText({ report, host, port }: Welcome): string {
  const { settings } = report;
  const rows = [
    ['Connect', `lftp -u anna ${ftpUrl(reachableHost(host), port)}`],
    ['', `FileZilla: host ${reachableHost(host)}, port ${port}, only plain FTP`],
    ...signUpRows({ report, host, port }),
    ['Files', settings.rootDir],
    ...(settings.anonymousDir === undefined
      ? []
      : [['Public', `${settings.anonymousDir} (anybody may read)`]]),
    ['Data', settings.dataDir],
    ['Logs', settings.logDir],
    ['Stop', 'Ctrl+C'],
    ...(isLoopback(host) ? [] : [['Mind', 'plain FTP sends passwords and files unencrypted']]),
  ];
  const lines = rows.map(([title = '', text = '']) => `  ${title.padEnd(9)} ${text}`);
  return `MyFTP is listening on ${ftpUrl(host, port)}\n\n${lines.join('\n')}\n\n`;
}

function signUpRows({ report, host, port }: Welcome): string[][] {
  const scope = scopeOf(report);
  const add = `myftp-server user add anna${scope}`;
  const { signup } = report.settings;
  if (signup === 'off') return [['Add users', add]];
  const steps = [
    ['', '  quote SITE SIGNUP anna'.concat(signup === 'invite' ? ' <invite>' : '')],
    ['', '  quote PASS <password>'],
    ['', `or: ${add}`],
  ];
  const client = `ftp -n ${reachableHost(host)} ${port}`;
  if (signup === 'open') return [['Sign up', `${client}, then`], ...steps];
  return [['Sign up', `myftp-server invite create${scope}`], ['', `${client}, then`], ...steps];
}

/** The flags with which the administrator's commands find this server's database. */
function scopeOf({ sources, settings, configFile }: SettingsReport): string {
  const source = sources.get('data')?.kind ?? 'default';
  if (source === 'flag') return ` --data ${shellWord(settings.dataDir)}`;
  if (source === 'file' && configFile !== undefined) return ` --config ${shellWord(configFile)}`;
  return '';
}

function shellWord(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** The address "all" is nothing to connect to. */
function reachableHost(host: string): string {
  return host === '0.0.0.0' || host === '::' ? hostname() : host;
}

function ftpUrl(host: string, port: number): string {
  return `ftp://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
