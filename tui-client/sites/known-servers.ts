import * as v from 'valibot';
import { readConfigFile, writeConfigFile } from './config-file.ts';
import type { Site } from './site.ts';

const SERVERS = v.record(v.string(), v.object({ names: v.literal('folded') }));

/** What a run has shown of a server's names: that it takes different ones for one, or that it does not. */
export type NameFolding = 'found' | 'excluded' | 'unknown';

/** What earlier runs have found out about servers. */
export class KnownServers {
  readonly #path: string;

  constructor(paths: { readonly servers: string }) {
    this.#path = paths.servers;
  }

  /** Whether the server took different names for one, as `A.txt` and `a.txt`. */
  async foldsNames(site: Site): Promise<boolean> {
    return keyOf(site) in (await this.#read());
  }

  /** Remembers what a run has shown. A file that cannot be written is no failure: it is only a help. */
  async learn(site: Site, folding: NameFolding): Promise<void> {
    if (folding === 'unknown' || (folding === 'found') === (await this.foldsNames(site))) return;
    const { [keyOf(site)]: _, ...others } = await this.#read();
    const found = folding === 'found' ? { [keyOf(site)]: { names: 'folded' } } : {};
    await writeConfigFile(this.#path, { ...others, ...found }).catch(() => {});
  }

  /** A file that cannot be read counts as empty. */
  #read(): Promise<v.InferOutput<typeof SERVERS>> {
    return readConfigFile(this.#path, SERVERS).catch(() => ({}));
  }
}

function keyOf({ host, port }: Site): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host.toLowerCase()}:${port}`;
}
