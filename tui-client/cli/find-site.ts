import { Bookmarks } from '../sites/bookmarks.ts';
import { clientPaths } from '../sites/client-paths.ts';
import { findInNetrc } from '../sites/netrc.ts';
import { parseProxy } from '../sites/proxy.ts';
import type { Site } from '../sites/site.ts';
import { parseTarget, siteOfUrl, type Target } from '../sites/target.ts';
import { type CommandContext, UsageError } from './command-context.ts';

/** A place on a server: a site, and the path as it was written. */
export interface RemoteTarget {
  readonly site: Site;
  /** Relative to where the site starts, unless it is absolute; undefined for that directory itself. */
  readonly path: string | undefined;
}

interface Lookup {
  readonly environment: CommandContext['environment'];
  /** Flags that win over the settings of the site. */
  readonly flags: {
    readonly plain?: true;
    readonly pasv?: true;
    readonly proxy?: string;
    /** Octets a second; infinite for no limit. */
    readonly limitRate?: number;
  };
  readonly warn: (sentence: string) => void;
}

/** The site that a whole argument means: the name of a bookmark, with or without a colon, or a URL. */
export async function findSite(text: string, lookup: Lookup): Promise<Site> {
  const parsed = parseTarget(text);
  const named: Target =
    parsed.kind === 'local' ? { kind: 'bookmark', name: text, path: undefined } : parsed;
  const { site, path } = await resolveTarget(named, lookup);
  return path === undefined ? site : { ...site, remotePath: path };
}

/** Looks a target's site up. */
export async function resolveTarget(
  target: Exclude<Target, { kind: 'local' }>,
  lookup: Lookup,
): Promise<RemoteTarget> {
  const { plain, pasv, proxy, limitRate } = lookup.flags;
  const found = await siteOf(target, lookup);
  const site = plain === true ? inClear(found) : found;
  return {
    site: {
      ...site,
      ...(pasv === true && { usesPasv: true }),
      ...(proxy === undefined ? {} : { proxy: parseProxy(proxy) }),
      ...(limitRate === undefined ? {} : { limitBytesPerSecond: finite(limitRate) }),
    },
    path: target.path,
  };
}

function finite(limitRate: number): number | undefined {
  return limitRate === Infinity ? undefined : limitRate;
}

async function siteOf(
  target: Exclude<Target, { kind: 'local' }>,
  { environment, warn }: Lookup,
): Promise<Site> {
  const paths = clientPaths(environment);
  if (target.kind === 'url') {
    const { host, username } = target;
    if (username !== undefined) return siteOfUrl(target, username);
    const login = await findInNetrc(paths.netrc, { host, username, warn });
    return siteOfUrl(target, login?.login ?? 'anonymous');
  }
  const bookmarks = new Bookmarks(paths);
  const site = await bookmarks.find(target.name);
  if (site !== undefined) return site;
  throw new UsageError(
    `Unknown site "${target.name}". Sites: ${await namesOf(bookmarks)}; or give a URL, such as ftp://${target.name}/.`,
  );
}

async function namesOf(bookmarks: Bookmarks): Promise<string> {
  const names = (await bookmarks.list()).map((site) => site.id);
  return names.length === 0 ? 'none yet (see myftp-tui sites add)' : names.join(', ');
}

function inClear(site: Site): Site {
  if (site.tls !== 'implicit') return { ...site, tls: 'none' };
  throw new UsageError(`--plain cannot be combined with implicit TLS, which ${site.id} uses.`);
}
