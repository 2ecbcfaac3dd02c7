import { BlockList } from 'node:net';
import type { Ban, BanRepository } from '../../db/ban-repository.ts';
import { addNetwork, isInNetworks } from '../network/network-range.ts';

interface BansDeps {
  readonly bans: Pick<BanRepository, 'list'>;
  readonly now: () => number;
}

/** Networks whose clients are refused, as the database had them when it was last read. */
export class Bans {
  readonly #deps: BansDeps;
  #networks = new BlockList();
  /** When the first of them expires. */
  #nextExpiryMs = Number.POSITIVE_INFINITY;
  #bans: readonly Ban[] = [];

  constructor(deps: BansDeps) {
    this.#deps = deps;
  }

  /** Reads the bans from the database. */
  async load(): Promise<void> {
    this.#use(await this.#deps.bans.list(this.#deps.now()));
  }

  isBanned(peerAddress: string): boolean {
    const nowMs = this.#deps.now();
    if (nowMs >= this.#nextExpiryMs)
      this.#use(this.#bans.filter(({ expiresAtMs }) => (expiresAtMs ?? nowMs + 1) > nowMs));
    return this.#bans.length > 0 && isInNetworks(this.#networks, peerAddress);
  }

  #use(bans: readonly Ban[]): void {
    this.#bans = bans;
    this.#networks = new BlockList();
    this.#nextExpiryMs = Number.POSITIVE_INFINITY;
    for (const { network, expiresAtMs = Number.POSITIVE_INFINITY } of bans) {
      addNetwork(this.#networks, network);
      this.#nextExpiryMs = Math.min(this.#nextExpiryMs, expiresAtMs);
    }
  }
}
