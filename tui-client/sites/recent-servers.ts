import * as v from 'valibot';
import { readConfigFile, writeConfigFile } from './config-file.ts';
import type { Site } from './site.ts';
import { settingsOfTexts, settingTexts } from './site-settings.ts';

const MAX_SERVERS = 8;

const TEXT = v.string('must be text');

const RECENT = v.object({
  servers: v.optional(
    v.array(
      v.object({
        host: TEXT,
        port: v.number('must be a number'),
        tls: v.picklist(['explicit', 'implicit', 'none']),
        username: TEXT,
        settings: v.optional(v.record(v.string(), TEXT), {}),
      }),
    ),
    [],
  ),
});

/** The servers without a bookmark that the user was logged in at, the last first. No secrets are in it. */
export class RecentServers {
  readonly #path: string;

  constructor(paths: { readonly recent: string }) {
    this.#path = paths.recent;
  }

  /** A file that cannot be read counts as empty: it is only a help. */
  async list(): Promise<readonly Site[]> {
    const { servers } = await readConfigFile(this.#path, RECENT).catch(() => ({ servers: [] }));
    return servers.map(({ settings, ...server }) => ({
      ...settingsOfTexts(settings),
      ...server,
      id: `${server.username}@${server.host}:${server.port}`,
      name: undefined,
      remotePath: undefined,
      localPath: undefined,
    }));
  }

  /** Puts a server first. @returns whether it is new. */
  async add(site: Site): Promise<boolean> {
    const before = await this.list();
    const others = before.filter((one) => !isSame(one, site));
    await this.#write([site, ...others].slice(0, MAX_SERVERS));
    return others.length === before.length;
  }

  async remove(site: Site): Promise<void> {
    const before = await this.list();
    const left = before.filter((one) => !isSame(one, site));
    if (left.length < before.length) await this.#write(left);
  }

  #write(sites: readonly Site[]): Promise<void> {
    const servers = sites.map((site) => {
      const { host, port, tls, username } = site;
      return { host, port, tls, username, settings: settingTexts(site) };
    });
    return writeConfigFile(this.#path, { servers });
  }
}

/** Whether two sites are one account on one server. */
export function isSame(one: Site, other: Site): boolean {
  return one.host === other.host && one.port === other.port && one.username === other.username;
}
