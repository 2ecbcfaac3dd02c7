import { join } from 'node:path';

/** Where the client keeps what it remembers. */
export interface ClientPaths {
  readonly home: string;
  readonly bookmarks: string;
  readonly settings: string;
  /** Directories that the user comes back to. */
  readonly directories: string;
  /** Certificates that were trusted. */
  readonly pins: string;
  /** Servers without a bookmark. */
  readonly recent: string;
  /** What was found out about servers. */
  readonly servers: string;
  /** What changes by itself: journals and logs. */
  readonly stateDirectory: string;
  /** What may be deleted at any time. */
  readonly cacheDirectory: string;
  readonly netrc: string;
}

/** The places that the XDG base directories and the home directory give. */
export function clientPaths(
  environment: Readonly<Record<string, string | undefined>>,
): ClientPaths {
  const home = environment.HOME || '/';
  const config = join(environment.XDG_CONFIG_HOME || join(home, '.config'), 'myftp');
  const state = join(environment.XDG_STATE_HOME || join(home, '.local', 'state'), 'myftp');
  return {
    home,
    bookmarks: join(config, 'sites.toml'),
    settings: join(config, 'settings.toml'),
    directories: join(config, 'directories.toml'),
    pins: join(config, 'certificates.toml'),
    stateDirectory: state,
    recent: join(state, 'recent.toml'),
    servers: join(state, 'servers.toml'),
    cacheDirectory: join(environment.XDG_CACHE_HOME || join(home, '.cache'), 'myftp'),
    netrc: environment.NETRC || join(home, '.netrc'),
  };
}
