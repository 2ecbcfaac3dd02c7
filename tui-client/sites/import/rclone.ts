import { userInfo } from 'node:os';
import type { TlsMode } from '../site.ts';
import { type SiteEntry, SiteFileError, siteEntry } from './imported-site.ts';
import { type IniSection, iniSections } from './ini.ts';

const ENCRYPTED = /^RCLONE_ENCRYPT_V/m;

/**
 * Reads the FTP remotes in an `rclone.conf`.
 *
 * @throws SiteFileError if it is encrypted.
 */
export function readRclone(text: string): readonly SiteEntry[] {
  if (ENCRYPTED.test(text)) {
    throw new SiteFileError(
      'The rclone configuration is encrypted: write it with "rclone config show" and import that.',
    );
  }
  return iniSections(text).map(entryOf);
}

export function isEncryptedRclone(text: string): boolean {
  return ENCRYPTED.test(text);
}

function entryOf({ name, values }: IniSection): SiteEntry {
  const labels = [name];
  const type = values.get('type') ?? '';
  if (type !== 'ftp') return { labels, reason: `its type is ${type || 'unknown'}, not ftp.` };
  return siteEntry({
    labels,
    host: values.get('host') ?? '',
    port: values.get('port'),
    tls: tlsOf(values),
    // As rclone does.
    username: values.get('user') || userInfo().username,
    remotePath: undefined,
    localPath: undefined,
  });
}

function tlsOf(values: IniSection['values']): TlsMode {
  if (values.get('tls') === 'true') return 'implicit';
  return values.get('explicit_tls') === 'true' ? 'explicit' : 'none';
}
