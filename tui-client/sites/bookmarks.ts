import { join } from 'node:path';
import * as v from 'valibot';
import { byteRateText, parseByteRate } from '../text/byte-rate.ts';
import { ConfigFileError, readConfigFile, writeConfigFile } from './config-file.ts';
import { type ProxyError, parseProxy, proxySetting } from './proxy.ts';
import type { Site, TlsMode } from './site.ts';
import { encodingOf, isCharset } from './site-encoding.ts';
import { isTimeOffset, offsetMinutes, offsetText } from './time-offset.ts';

export const DEFAULT_PORTS: Readonly<Record<TlsMode, number>> = {
  explicit: 21,
  implicit: 990,
  none: 21,
};

/** What a bookmark may be called: it stands before a colon on the command line. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

const PORT = v.pipe(
  v.number('must be a number'),
  v.integer('must be a whole number'),
  v.minValue(1, 'must be at least 1'),
  v.maxValue(65_535, 'must be at most 65535'),
);

const TEXT = v.string('must be text');

const PROXY = v.pipe(
  TEXT,
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    try {
      return parseProxy(dataset.value);
    } catch (error) {
      addIssue({ message: (error as ProxyError).message });
      return NEVER;
    }
  }),
);

const RATE = v.pipe(
  v.union([v.string(), v.number()], 'must be text or a number'),
  v.transform((value) => parseByteRate(String(value)) ?? 0),
  v.minValue(1, 'must be octets a second, as "500k" or "2M"'),
);

const BOOKMARK = v.strictObject({
  host: v.pipe(TEXT, v.nonEmpty('must not be empty')),
  port: v.optional(PORT),
  tls: v.optional(
    v.picklist(['explicit', 'implicit', 'none'], 'must be "explicit", "implicit" or "none"'),
    'explicit',
  ),
  username: v.optional(TEXT, 'anonymous'),
  'remote-path': v.optional(TEXT),
  'local-path': v.optional(TEXT),
  'passive-host': v.optional(v.pipe(TEXT, v.nonEmpty('must not be empty'))),
  proxy: v.optional(PROXY),
  'limit-rate': v.optional(RATE),
  pasv: v.optional(v.boolean('must be true or false')),
  encoding: v.optional(v.pipe(TEXT, v.check(isCharset, 'must be like "windows-1252"'))),
  'time-offset': v.optional(v.pipe(TEXT, v.check(isTimeOffset, 'must be like "+02:00"'))),
});

const BOOKMARKS = v.record(v.string(), BOOKMARK);

/** The sites that the user has named, in a TOML file with a table for each. No secrets are in it. */
export class Bookmarks {
  readonly #path: string;
  readonly #home: string;

  constructor(paths: { readonly bookmarks: string; readonly home: string }) {
    this.#path = paths.bookmarks;
    this.#home = paths.home;
  }

  /** By name. */
  async list(): Promise<readonly Site[]> {
    const tables = await readConfigFile(this.#path, BOOKMARKS);
    return Object.entries(tables)
      .map(([name, table]) => this.#siteOf(name, table))
      .sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  async find(name: string): Promise<Site | undefined> {
    return (await this.list()).find((site) => site.name === name);
  }

  /**
   * Keeps a site under its name, instead of what had this name, and instead of `formerName` if it is renamed.
   *
   * @throws ConfigFileError if it cannot have this name.
   */
  async save(site: Site, formerName?: string): Promise<void> {
    const before = await this.find(formerName ?? nameOf(site));
    // Settings that the site does not mention.
    const kept = before?.host === site.host ? before : {};
    const others = await this.#without([nameOf(site), formerName]);
    const table = tableOf({ ...kept, ...site });
    await writeConfigFile(this.#path, { ...others, [nameOf(site)]: table });
  }

  /** Keeps several sites in one step, instead of those that had their names. */
  async saveAll(sites: readonly Site[]): Promise<void> {
    if (sites.length === 0) return;
    const others = await this.#without(sites.map(nameOf));
    const tables = sites.map((site) => [nameOf(site), tableOf(site)] as const);
    await writeConfigFile(this.#path, { ...others, ...Object.fromEntries(tables) });
  }

  /** False if there was none. */
  async remove(name: string): Promise<boolean> {
    if ((await this.find(name)) === undefined) return false;
    await writeConfigFile(this.#path, await this.#without([name]));
    return true;
  }

  async #without(names: readonly (string | undefined)[]) {
    const tables = await readConfigFile(this.#path, BOOKMARKS);
    return Object.fromEntries(Object.entries(tables).filter(([name]) => !names.includes(name)));
  }

  #siteOf(name: string, table: v.InferOutput<typeof BOOKMARK>): Site {
    return {
      id: name,
      name,
      host: table.host,
      port: table.port ?? DEFAULT_PORTS[table.tls],
      tls: table.tls,
      username: table.username,
      remotePath: table['remote-path'],
      ...(table['passive-host'] === undefined ? {} : { passiveHost: table['passive-host'] }),
      ...(table.proxy === undefined ? {} : { proxy: table.proxy }),
      ...(table['limit-rate'] === undefined ? {} : { limitBytesPerSecond: table['limit-rate'] }),
      ...(table.pasv === true && { usesPasv: true }),
      ...(table.encoding !== undefined && encodingOf(table.encoding)),
      ...(table['time-offset'] !== undefined && {
        timeOffsetMinutes: offsetMinutes(table['time-offset']),
      }),
      localPath: table['local-path']?.replace(/^~(?=\/|$)/, () => join(this.#home)),
    };
  }
}

function nameOf({ name }: Site): string {
  if (name !== undefined && NAME.test(name)) return name;
  throw new ConfigFileError(
    `Invalid site name "${name ?? ''}": use letters, digits, ".", "-" and "_".`,
  );
}

function tableOf(site: Site) {
  const { host, port, tls, username, remotePath, localPath, passiveHost } = site;
  const { proxy, limitBytesPerSecond: rate, usesPasv, timeOffsetMinutes, encoding } = site;
  return {
    host,
    port,
    tls,
    username,
    ...(remotePath === undefined ? {} : { 'remote-path': remotePath }),
    ...(localPath === undefined ? {} : { 'local-path': localPath }),
    ...(passiveHost === undefined ? {} : { 'passive-host': passiveHost }),
    ...(proxy === undefined ? {} : { proxy: proxySetting(proxy) }),
    ...(rate === undefined ? {} : { 'limit-rate': byteRateText(rate) }),
    ...(usesPasv === true && { pasv: true }),
    ...(encoding !== undefined && { encoding }),
    ...(timeOffsetMinutes !== undefined && { 'time-offset': offsetText(timeOffsetMinutes) }),
  };
}
