import { Bookmarks } from '../sites/bookmarks.ts';
import { clientPaths } from '../sites/client-paths.ts';
import { parseProxy, proxySetting } from '../sites/proxy.ts';
import { savedPasswords } from '../sites/saved-passwords.ts';
import { readClientSettings } from '../sites/settings.ts';
import type { Site } from '../sites/site.ts';
import { encodingOf } from '../sites/site-encoding.ts';
import { SITE_SETTINGS } from '../sites/site-settings.ts';
import { parseTarget, siteOfUrl } from '../sites/target.ts';
import { displayName } from '../text/format.ts';
import { type CommandContext, UsageError } from './command-context.ts';
import { importSites } from './import-sites.ts';
import type { SitesRequest, SitesVerb } from './request.ts';
import { siteUrl } from './site-url.ts';

/** What `myftp-tui sites <verb>` does. */
export const sitesCommands: Readonly<Record<SitesVerb, (request: SitesRequest) => Promise<void>>> =
  {
    list: listSites,
    show: showSite,
    add: addSite,
    remove: removeSite,
    import: importSites,
  };

async function listSites({ context, options }: SitesRequest): Promise<void> {
  const sites = await bookmarksOf(context).list();
  const lines = options.json === true ? sites.map(jsonOf) : tableOf(sites);
  context.stdout.write(lines.map((line) => `${line}\n`).join(''));
}

async function showSite(request: SitesRequest): Promise<void> {
  const { context, options } = request;
  const site = await existing(request);
  if (options.json === true) context.stdout.write(`${jsonOf(site)}\n`);
  else
    context.stdout.write(
      factsOf(site)
        .map(([title, text]) => `${title.padEnd(10)}${text}\n`)
        .join(''),
    );
}

async function addSite({ context, args, options }: SitesRequest): Promise<void> {
  const [name = '', url = ''] = args;
  const target = parseTarget(url);
  if (target.kind !== 'url') throw new UsageError('Expected a URL, for example ftp://anna@host/.');
  const bookmarks = bookmarksOf(context);
  if (options.overwrite !== true && (await bookmarks.find(name)) !== undefined) {
    throw new UsageError(`The site "${name}" already exists. Use --overwrite to replace it.`);
  }
  if (options.plain === true && target.tls === 'implicit') {
    throw new UsageError('--plain cannot be combined with ftps://.');
  }
  const site = siteOfUrl(target, target.username ?? 'anonymous');
  await bookmarks.save({
    ...site,
    id: name,
    name,
    tls: options.plain === true ? 'none' : site.tls,
    remotePath: target.path,
    localPath: options.localPath,
    passiveHost: options.passiveHost,
    proxy: options.proxy === undefined ? undefined : parseProxy(options.proxy),
    limitBytesPerSecond: options.limitRate === Infinity ? undefined : options.limitRate,
    usesPasv: options.pasv,
    timeOffsetMinutes: options.timeOffset,
    ...(options.encoding !== undefined && encodingOf(options.encoding)),
  });
}

async function removeSite(request: SitesRequest): Promise<void> {
  const site = await existing(request);
  const bookmarks = bookmarksOf(request.context);
  await bookmarks.remove(site.id);
  const { settings: path, netrc } = clientPaths(request.context.environment);
  const { keyring: usesKeyring } = await readClientSettings(path);
  const isShared = (await bookmarks.list()).some((other) => isSameAccount(site, other));
  if (!isShared) await savedPasswords({ netrc, usesKeyring, warn: () => {} }).forget(site);
}

function isSameAccount(one: Site, other: Site): boolean {
  return one.username === other.username && one.host === other.host && one.port === other.port;
}

async function existing({ context, args: [name = ''] }: SitesRequest): Promise<Site> {
  const site = await bookmarksOf(context).find(name);
  if (site !== undefined) return site;
  throw new UsageError(`Unknown site "${name}".`);
}

function bookmarksOf({ environment }: CommandContext): Bookmarks {
  return new Bookmarks(clientPaths(environment));
}

function jsonOf({ id: _, proxy, ...site }: Site): string {
  return JSON.stringify({ ...site, proxy: proxy && proxySetting(proxy) });
}

function factsOf(site: Site): readonly (readonly [string, string])[] {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Site', site.id],
    ['Server', site.host],
    ['Port', String(site.port)],
    ['TLS', site.tls],
    ['User', site.username],
    ['Remote', site.remotePath],
    ['Local', site.localPath],
    ...SITE_SETTINGS.map(({ label, text }) => [label, text(site) || undefined] as const),
  ];
  return facts.flatMap(([title, text]) =>
    text === undefined ? [] : [[title, displayName(text)] as const],
  );
}

function tableOf(sites: readonly Site[]): readonly string[] {
  const width = sites.reduce((widest, { id }) => Math.max(widest, id.length), 0);
  return sites.map((site) => `${site.id.padEnd(width)}  ${siteUrl(site)}`);
}
