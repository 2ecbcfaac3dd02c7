import type { TlsMode } from '../site.ts';
import { localPathOf, type SiteEntry, siteEntry } from './imported-site.ts';
import { type IniSection, iniSections } from './ini.ts';

const SESSIONS = /^Sessions\\(.+)$/;
/** WinSCP's template for new sites. */
const TEMPLATE = 'Default Settings';
/** WinSCP's number for FTP (FSProtocol); a missing one is SFTP. */
const FTP_PROTOCOL = '5';
/** WinSCP's numbers for TLS with FTP (Ftps). 2 and 3 differ in the AUTH command only. */
const TLS_OF_FTPS: Readonly<Record<string, TlsMode>> = {
  0: 'none',
  1: 'implicit',
  2: 'explicit',
  3: 'explicit',
};
const OTHER_PROTOCOLS: Readonly<Record<string, string>> = { 6: 'WebDAV', 7: 'S3' };

/** Reads the sites in a `WinSCP.ini`, or in an exported configuration. */
export function readWinScp(text: string): readonly SiteEntry[] {
  return iniSections(text).flatMap((section) => {
    const [, name] = SESSIONS.exec(section.name) ?? [];
    if (name === undefined || decoded(name) === TEMPLATE) return [];
    return [entryOf(decoded(name).split('/'), section)];
  });
}

function entryOf(labels: readonly string[], { values }: IniSection): SiteEntry {
  const value = (key: string) => {
    const text = values.get(key);
    return text === undefined ? undefined : decoded(text);
  };
  const protocol = value('fsprotocol') ?? '';
  if (protocol !== FTP_PROTOCOL) {
    return { labels, reason: `${OTHER_PROTOCOLS[protocol] ?? 'SFTP'} is not supported.` };
  }
  return siteEntry({
    labels,
    host: value('hostname') ?? '',
    port: value('portnumber'),
    tls: TLS_OF_FTPS[value('ftps') ?? '0'] ?? 'none',
    username: value('username') || 'anonymous',
    remotePath: value('remotedirectory') || undefined,
    localPath: localPathOf(value('localdirectory')),
  });
}

/** Text of WinSCP: `%XX` for octets of UTF-8, with a byte order mark if there are such above 127. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text).replace(/^\uFEFF/, '');
  } catch {
    return text;
  }
}
