import type { Site } from '../sites/site.ts';
import { displayName } from '../text/format.ts';

/** A site as a URL that a terminal can show, with a note if it is not encrypted. */
export function siteUrl({ tls, username, host, port, remotePath = '' }: Site): string {
  const scheme = tls === 'implicit' ? 'ftps' : 'ftp';
  const shownHost = host.includes(':') ? `[${host}]` : host;
  const path = remotePath === '' || remotePath.startsWith('/') ? remotePath : `/~/${remotePath}`;
  const note = tls === 'none' ? '  (not encrypted)' : '';
  return displayName(`${scheme}://${username}@${shownHost}:${port}${path}${note}`);
}
