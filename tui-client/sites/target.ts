import { DEFAULT_PORTS } from './bookmarks.ts';
import type { Site, TlsMode } from './site.ts';

/** What names a place on the command line, taken apart. */
export type Target =
  | { readonly kind: 'local'; readonly path: string }
  | { readonly kind: 'bookmark'; readonly name: string; readonly path: string | undefined }
  | {
      readonly kind: 'url';
      readonly tls: TlsMode;
      readonly host: string;
      readonly port: number;
      /** Undefined if the URL has none. */
      readonly username: string | undefined;
      /** Absolute, or relative to where a login leads; undefined for that place itself. */
      readonly path: string | undefined;
    };

/** Text that cannot be what it begins like; the message is a sentence for the user. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
}

const TLS_OF_SCHEME: Readonly<Record<string, TlsMode>> = {
  ftp: 'explicit',
  ftpes: 'explicit',
  ftps: 'implicit',
};

const URL_FORM =
  /^([a-z][a-z0-9+.-]*):\/\/(?:([^/]*)@)?(\[[^\]/]*\]|[^:/[\]]*)(?::([^/]*))?(\/.*)?$/is;
const BOOKMARK_FORM = /^([A-Za-z0-9_][A-Za-z0-9_.-]*):(.*)$/s;
const MAX_PORT = 65_535;

/**
 * Takes `work:/www`, `ftp://anna@ftp.example.org:2121/www` or a local path apart. A local path with a colon
 * is written `./a:b`.
 *
 * @throws TargetError for a URL that is wrong or has a password in it.
 */
export function parseTarget(text: string): Target {
  if (text.includes('://')) return parseUrl(text);
  const [, name, path] = BOOKMARK_FORM.exec(text) ?? [];
  if (name === undefined) return { kind: 'local', path: text };
  return { kind: 'bookmark', name, path: path === '' ? undefined : path };
}

/** The site that a URL means. */
export function siteOfUrl(target: Extract<Target, { kind: 'url' }>, username: string): Site {
  const { host, port, tls } = target;
  const shownHost = host.includes(':') ? `[${host}]` : host;
  const id = `${username}@${shownHost}:${port}`;
  const start = { remotePath: undefined, localPath: undefined };
  return { id, name: undefined, host, port, tls, username, ...start };
}

function parseUrl(text: string): Target {
  const [, scheme = '', user, host = '', port, path] = URL_FORM.exec(text) ?? [];
  const tls = TLS_OF_SCHEME[scheme.toLowerCase()];
  // Before anything else, lest the password be repeated in a message.
  if (user?.includes(':')) {
    throw new TargetError(
      'A password in a URL is visible to others. Omit it: the client asks for it, or use --password-stdin.',
    );
  }
  if (tls === undefined) {
    throw new TargetError(`Invalid URL "${text}": expected ftp://, ftps:// or ftpes://.`);
  }
  if (host === '' || host === '[]') throw new TargetError(`Invalid URL "${text}": missing host.`);
  return {
    kind: 'url',
    tls,
    host: host.replace(/^\[(.*)\]$/, '$1').toLowerCase(),
    port: port === undefined ? DEFAULT_PORTS[tls] : parsePort(port),
    username: user === undefined || user === '' ? undefined : decoded(user),
    path: pathOf(path),
  };
}

/** As people see it after a login; `/~/` begins where the login leads. */
function pathOf(path: string | undefined): string | undefined {
  if (path === undefined || path === '/~' || path === '/~/') return undefined;
  return decoded(path.startsWith('/~/') ? path.slice('/~/'.length) : path);
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= MAX_PORT) return port;
  throw new TargetError(`Invalid port "${text}": expected 1 to ${MAX_PORT}.`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new TargetError(`Invalid percent-encoding in "${text}": write %25 for a percent sign.`);
  }
}
