import type { Logger } from 'pino';
import { type LookupResult, lookUpHost } from './host-lookup.ts';
import { formatPublicHost, networkMatcher, type PublicHost } from './public-host.ts';

/** Dynamic DNS changes addresses without notice. */
const REFRESH_MS = 5 * 60_000;
const FIRST_RETRY_MS = 5000;
/** The start waits for a name server for at most this time. */
const START_TIMEOUT_MS = 2000;

interface PublicAddressesOptions {
  readonly hosts: readonly PublicHost[];
  readonly log: Logger;
  readonly look?: (host: string) => Promise<LookupResult>;
}

interface Entry {
  readonly publicHost: PublicHost;
  readonly prefix: number;
  /** Whether a peer is in the entry's network. */
  readonly matches: (peer: string) => boolean;
  /** The latest address that the name has had; undefined until the first successful look-up. */
  address: string | undefined;
  /** Error of the latest look-up; undefined if it succeeded. */
  reason: string | undefined;
}

/** The address of a public host; undefined while its name has not been resolved yet. */
export interface PublicAddress {
  readonly address: string | undefined;
}

/**
 * The addresses of `--public-host`, with names resolved again every five minutes, and sooner while one of
 * them cannot be resolved. A name that stops resolving keeps its last address.
 */
export class PublicAddresses {
  readonly #log: Logger;
  readonly #look: (host: string) => Promise<LookupResult>;
  /** The longest prefix first. */
  readonly #ofNetworks: readonly Entry[];
  readonly #general: Entry | undefined;
  #timer: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  #running: Promise<void> | undefined;
  #isStopped = false;

  constructor({ hosts, log, look = lookUpHost }: PublicAddressesOptions) {
    this.#log = log;
    this.#look = look;
    const entries = hosts.map(entryOf);
    this.#general = entries.find(({ publicHost }) => publicHost.network === undefined);
    this.#ofNetworks = entries
      .filter((entry) => entry !== this.#general)
      .sort((one, other) => other.prefix - one.prefix);
  }

  /** Resolves the names. Returns after two seconds even if name servers have not answered. */
  async start(): Promise<void> {
    const timeout = new Promise<'timeout'>((resolve) => {
      setTimeout(resolve, START_TIMEOUT_MS, 'timeout').unref();
    });
    const first = await Promise.race([this.refresh(), timeout]);
    if (first !== 'timeout') return;
    for (const { publicHost, address } of this.#entries) {
      if (address !== undefined) continue;
      const { host } = publicHost;
      this.#log.warn({ host }, 'public host not resolved yet: the name server has not answered');
    }
  }

  /** Resolves the names again; a call during a look-up joins it. */
  refresh(): Promise<void> {
    this.#running ??= this.#refresh().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Ends the look-ups. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  /** The address for the peers of the smallest listed network that a peer is in; undefined for other peers. */
  forNetworkOf(peer: string): PublicAddress | undefined {
    return this.#ofNetworks.find(({ matches }) => matches(peer));
  }

  /** The address for all other remote peers; undefined without such a host. */
  get general(): PublicAddress | undefined {
    return this.#general;
  }

  get #entries(): readonly Entry[] {
    return [...this.#ofNetworks, ...(this.#general === undefined ? [] : [this.#general])];
  }

  async #refresh(): Promise<void> {
    clearTimeout(this.#timer);
    // One after another: each look-up blocks one of the few threads that also serve the disk.
    for (const entry of this.#entries) await this.#resolve(entry);
    this.#schedule();
  }

  async #resolve(entry: Entry): Promise<void> {
    const { addresses, reason } = await this.#look(entry.publicHost.host);
    const before = entry.address;
    const isNewReason = reason !== entry.reason;
    entry.reason = reason;
    const publicHost = formatPublicHost(entry.publicHost);
    if (addresses === undefined) {
      if (isNewReason) this.#warn({ publicHost, reason, lastAddress: before });
      return;
    }
    // Name servers change the order of several addresses with each answer.
    const [first] = addresses;
    const address = before !== undefined && addresses.includes(before) ? before : first;
    entry.address = address;
    if (before !== undefined && before !== address) {
      this.#log.info({ publicHost, address, before }, 'address of public host changed');
    } else if (isNewReason) {
      this.#log.info({ publicHost, address }, 'public host resolved');
    }
  }

  #warn(facts: {
    readonly publicHost: string;
    readonly reason: string | undefined;
    readonly lastAddress: string | undefined;
  }): void {
    const message =
      facts.lastAddress === undefined
        ? 'public host cannot be resolved; trying again'
        : 'public host cannot be resolved; PASV advertises its last address';
    this.#log.warn(facts, message);
  }

  #schedule(): void {
    if (this.#isStopped || this.#entries.every(isNumeric)) return;
    const hasFailed = this.#entries.some(({ reason }) => reason !== undefined);
    const delayMs = hasFailed ? this.#retryMs : REFRESH_MS;
    this.#retryMs = hasFailed ? Math.min(this.#retryMs * 2, REFRESH_MS) : FIRST_RETRY_MS;
    this.#timer = setTimeout(() => void this.refresh(), delayMs).unref();
  }
}

function entryOf(publicHost: PublicHost): Entry {
  const { network } = publicHost;
  return {
    publicHost,
    prefix: network?.prefix ?? 0,
    matches: network === undefined ? () => false : networkMatcher(network),
    address: undefined,
    reason: undefined,
  };
}

/** An address needs no look-up but the first. */
function isNumeric({ publicHost, address }: Entry): boolean {
  return publicHost.host === address;
}
