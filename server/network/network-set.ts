import { addressPrefix, networkPrefix } from './network-range.ts';

/**
 * Networks, which may overlap. A look-up takes one step for each length of prefix that occurs, however many networks
 * there are.
 */
export class NetworkSet {
  readonly #byLength = new Map<string, PrefixesOfLength>();

  /** @param networks as `parseNetwork` returns them. */
  constructor(networks: Iterable<string> = []) {
    for (const network of networks) this.add(network);
  }

  add(network: string): void {
    const { bits, prefixBits, value } = networkPrefix(network);
    const length = `${bits}/${prefixBits}`;
    const known = this.#byLength.get(length) ?? { bits, prefixBits, values: new Set() };
    known.values.add(value);
    this.#byLength.set(length, known);
  }

  /** Whether one of the networks has the address. */
  has(peerAddress: string): boolean {
    if (this.#byLength.size === 0) return false;
    const address = addressPrefix(peerAddress);
    if (address === undefined) return false;
    for (const { bits, prefixBits, values } of this.#byLength.values()) {
      if (bits === address.bits && values.has(address.value >> BigInt(bits - prefixBits)))
        return true;
    }
    return false;
  }
}

interface PrefixesOfLength {
  readonly bits: number;
  readonly prefixBits: number;
  readonly values: Set<bigint>;
}
