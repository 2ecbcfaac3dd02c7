import type { TlsMode } from '../site.ts';
import { type SiteEntry, siteEntry } from './imported-site.ts';

/** lftp encrypts `ftp://` if the server offers it. */
const TLS_OF_SCHEME: Readonly<Record<string, TlsMode>> = {
  ftp: 'explicit',
  ftpes: 'explicit',
  ftps: 'implicit',
};

const LINE = /^(\S+)\s+(\S+)\s*$/;
const URL_FORM =
  /^(?:([a-z][a-z0-9+.-]*):\/\/)?(?:([^/@:]*)(?::[^/@]*)?@)?(\[[^\]/]*\]|[^:/]*)(?::([^/]*))?(\/.*)?$/i;

/** Reads lftp's `bookmarks`: a name and a URL on each line. Undefined if a line is something else. */
export function readLftpBookmarks(text: string): readonly SiteEntry[] | undefined {
  const entries: SiteEntry[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') continue;
    const [, name, url] = LINE.exec(line) ?? [];
    const parts = url === undefined ? null : URL_FORM.exec(url);
    if (name === undefined || parts === null) return undefined;
    entries.push(entryOf(name, parts));
  }
  return entries.length === 0 ? undefined : entries;
}

function entryOf(name: string, parts: RegExpExecArray): SiteEntry {
  const [, scheme = 'ftp', user, host = '', port, path] = parts;
  const labels = [name];
  const tls = TLS_OF_SCHEME[scheme.toLowerCase()];
  if (tls === undefined) return { labels, reason: `${scheme} is not supported.` };
  return siteEntry({
    labels,
    host: host.replace(/^\[(.*)\]$/, '$1'),
    port,
    tls,
    username: decoded(user ?? '') || 'anonymous',
    remotePath: remotePath(decoded(path ?? '')),
    localPath: undefined,
  });
}

/** Paths that begin with `~` are those of the login directory. */
function remotePath(path: string): string | undefined {
  if (path === '' || path === '/~' || path === '/~/') return undefined;
  return path.startsWith('/~/') ? path.slice('/~/'.length) : path.replace(/^\/+/, '/');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
