import { Bookmarks } from '../sites/bookmarks.ts';
import { clientPaths } from '../sites/client-paths.ts';
import { findInNetrc } from '../sites/netrc.ts';
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
  readonly flags: { readonly plain?: true; readonly pasv?: true };
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
  const site = await siteOf(target, lookup);
  const { plain, pasv } = lookup.flags;
  const reached = pasv === true ? { ...site, usesPasv: true } : site;
  return { site: plain === true ? inClear(reached) : reached, path: target.path };
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
    `There is no site "${target.name}". Sites: ${await namesOf(bookmarks)}; or give a URL, as ftp://${target.name}/.`,
  );
}

async function namesOf(bookmarks: Bookmarks): Promise<string> {
  const names = (await bookmarks.list()).map((site) => site.id);
  return names.length === 0 ? 'none yet (see myftp-tui sites add)' : names.join(', ');
}

function inClear(site: Site): Site {
  if (site.tls !== 'implicit') return { ...site, tls: 'none' };
  throw new UsageError(`--plain does not go with implicit TLS, which ${site.id} has.`);
}
