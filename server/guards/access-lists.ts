import type { Settings } from '../config/settings.ts';
import { NetworkSet } from '../network/network-set.ts';

type Lists = Pick<Settings, 'allowFrom' | 'denyFrom' | 'neverBan'>;

/** The lists of networks in the settings: `--allow-from`, `--deny-from` and `--never-ban`. */
export class AccessLists {
  readonly #source: Lists;
  readonly #allowed: NetworkSet | undefined;
  readonly #denied: NetworkSet;
  readonly #exempt: NetworkSet;

  constructor({ allowFrom, denyFrom, neverBan }: Lists) {
    this.#source = { allowFrom, denyFrom, neverBan };
    this.#allowed = allowFrom.length === 0 ? undefined : new NetworkSet(allowFrom);
    this.#denied = new NetworkSet(denyFrom);
    this.#exempt = new NetworkSet([...neverBan, ...allowFrom]);
  }

  /** Whether the settings still have the same lists. */
  isOf({ allowFrom, denyFrom, neverBan }: Lists): boolean {
    const source = this.#source;
    return (
      source.allowFrom === allowFrom && source.denyFrom === denyFrom && source.neverBan === neverBan
    );
  }

  /** Whether a client of the address is let in. What is denied is denied also within a network that is allowed. */
  admits(peerAddress: string): boolean {
    if (this.#denied.has(peerAddress)) return false;
    return this.#allowed === undefined || this.#allowed.has(peerAddress);
  }

  /** Whether the guard never bans the address. */
  exempts(peerAddress: string): boolean {
    return this.#exempt.has(peerAddress);
  }
}
