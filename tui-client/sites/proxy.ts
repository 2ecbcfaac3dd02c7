/** A proxy that the connections to a site go through. Holds no secret. */
export interface ProxyServer {
  readonly kind: 'socks5' | 'http';
  readonly host: string;
  readonly port: number;
  /** Undefined if the proxy needs no login. */
  readonly username: string | undefined;
}

/** Text that names no proxy; the message is a sentence for the user. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
}

/** A proxy's URL, taken apart. */
interface ProxyUrl {
  readonly proxy: ProxyServer;
  readonly password: string | undefined;
}

const KINDS: Readonly<Record<string, ProxyServer['kind']>> = {
  'socks:': 'socks5',
  'socks5:': 'socks5',
  'socks5h:': 'socks5',
  'http:': 'http',
};

const DEFAULT_PORTS: Readonly<Record<ProxyServer['kind'], number>> = { socks5: 1080, http: 3128 };

const PROXY_FORM =
  'Expected socks5://host:1080, http://host:3128, socks5://user@host:1080 or "none"';

/**
 * Reads a proxy as users and the sites file give it; `none` connects directly.
 *
 * @throws ProxyError for another form, and for a URL with a password in it.
 */
export function parseProxy(text: string): ProxyServer | 'none' {
  if (text === 'none') return 'none';
  const { proxy, password } = parseProxyUrl(text);
  if (password === undefined) return proxy;
  throw new ProxyError(
    'A password in a proxy URL is visible to others. Omit it: the client takes it from the keyring or ~/.netrc, or asks for it.',
  );
}

/** @throws ProxyError, whose message does not repeat the text: a password may be in it. */
export function parseProxyUrl(text: string): ProxyUrl {
  const url = urlOf(text);
  const kind = KINDS[url?.protocol ?? ''];
  if (url === undefined || kind === undefined || !isBare(url)) {
    throw new ProxyError(`${PROXY_FORM}.`);
  }
  const { hostname, port, username, password } = url;
  return {
    proxy: {
      kind,
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: portOf(text, port) ?? DEFAULT_PORTS[kind],
      username: username === '' ? undefined : decodeURIComponent(username),
    },
    password: password === '' ? undefined : decodeURIComponent(password),
  };
}

/** As it is written, without a password. */
export function proxyUrl({ kind, host, port, username }: ProxyServer): string {
  const shownHost = host.includes(':') ? `[${host}]` : host;
  const user = username === undefined ? '' : `${encodeURIComponent(username)}@`;
  return `${kind}://${user}${shownHost}:${port}`;
}

/** In the sites file, and as `--proxy` takes it. */
export function proxySetting(proxy: ProxyServer | 'none'): string {
  return proxy === 'none' ? proxy : proxyUrl(proxy);
}

/** Whether it names a host and nothing on it. */
function isBare({ hostname, pathname }: URL): boolean {
  return hostname !== '' && /^\/?$/.test(pathname);
}

function urlOf(text: string): URL | undefined {
  try {
    const url = new URL(text.trim());
    decodeURIComponent(url.username + url.password);
    return url;
  } catch {
    return undefined;
  }
}

/** `URL` leaves out a scheme's usual port, which is 80 for http. */
function portOf(text: string, port: string): number | undefined {
  if (port !== '') return Number(port);
  return /:80\/?\s*$/.test(text) ? 80 : undefined;
}
