import { ProxyError, type ProxyServer, parseProxyUrl } from './proxy.ts';
import type { Site } from './site.ts';

/** A proxy to use, and its password if it came with it. */
export interface ChosenProxy {
  readonly proxy: ProxyServer;
  /** From `ALL_PROXY`: undefined if the password is to be looked for. */
  readonly password: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for a site: its own, else that of `all_proxy` or `ALL_PROXY` unless `no_proxy` names
 * the host. Undefined for a direct connection.
 *
 * @throws ProxyError for a value that is no proxy.
 */
export function chooseProxy(
  { host, proxy }: Pick<Site, 'host' | 'proxy'>,
  environment: Environment,
): ChosenProxy | undefined {
  if (proxy === 'none') return undefined;
  return proxy === undefined ? environmentProxy(host, environment) : { proxy, password: undefined };
}

function environmentProxy(host: string, environment: Environment): ChosenProxy | undefined {
  const name = environment.all_proxy === undefined ? 'ALL_PROXY' : 'all_proxy';
  const text = environment[name] ?? '';
  if (text === '' || isExempt(host, environment.no_proxy ?? environment.NO_PROXY ?? '')) {
    return undefined;
  }
  try {
    return parseProxyUrl(text.includes('://') ? text : `http://${text}`);
  } catch (error) {
    if (!(error instanceof ProxyError)) throw error;
    throw new ProxyError(`${name}: ${error.message} To connect directly, use --proxy none.`);
  }
}

/** Names in a list that is separated by commas or blanks; a name stands for the hosts below it, too. */
function isExempt(host: string, list: string): boolean {
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .map((name) => name.replace(/^\*?\./, '').replace(/^\[(.*)\]$/, '$1'))
    .some((name) => name === '*' || (name !== '' && isWithin(host.toLowerCase(), name)));
}

function isWithin(host: string, name: string): boolean {
  return host === name || host.endsWith(`.${name}`);
}
