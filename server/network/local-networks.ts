import { BlockList, isIPv4 } from 'node:net';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { isLoopbackAddress } from './addresses.ts';
import { connectedNetworks } from './connected-networks.ts';

/** Interfaces change when a VPN or container network starts; reading them takes about 0.1 ms. */
const REFRESH_AFTER_MS = 5000;

interface LocalNetworksOptions {
  /** Milliseconds of a monotonic clock. */
  readonly nowMs?: () => number;
  readonly interfaces?: typeof networkInterfaces;
}

/** The IPv4 networks that this host is in, and its own addresses. */
export class LocalNetworks {
  readonly #nowMs: () => number;
  readonly #interfaces: typeof networkInterfaces;
  #networks = new BlockList();
  #readAtMs = Number.NEGATIVE_INFINITY;

  constructor({
    nowMs = () => performance.now(),
    interfaces = networkInterfaces,
  }: LocalNetworksOptions = {}) {
    this.#nowMs = nowMs;
    this.#interfaces = interfaces;
  }

  /**
   * Whether an IPv4 address belongs to this host or to a network of one of its interfaces, with no router in between.
   */
  includes(address: string): boolean {
    if (!isIPv4(address)) return false;
    if (isLoopbackAddress(address)) return true;
    const nowMs = this.#nowMs();
    if (nowMs - this.#readAtMs >= REFRESH_AFTER_MS) {
      this.#networks = this.#read();
      this.#readAtMs = nowMs;
    }
    return this.#networks.check(address);
  }

  /** A service that may not use netlink sockets (AF_NETLINK) cannot list interfaces, but can read routes. */
  #read(): BlockList {
    try {
      return networksOf(ipv4Interfaces(this.#interfaces));
    } catch {
      return networksOf(connectedNetworks());
    }
  }
}

/** The IPv4 addresses of this host with their networks, loopback excluded. */
export function ipv4Interfaces(read = networkInterfaces): readonly NetworkInterfaceInfo[] {
  const all = Object.values(read()).flatMap((addresses) => addresses ?? []);
  return all.filter(({ family, internal }) => family === 'IPv4' && !internal);
}

function networksOf(
  interfaces: readonly Pick<NetworkInterfaceInfo, 'address' | 'cidr'>[],
): BlockList {
  const networks = new BlockList();
  for (const { address, cidr } of interfaces) {
    networks.addAddress(address);
    const prefix = Number(cidr?.split('/')[1]);
    // An interface of the network 0.0.0.0/0 would make the whole internet local.
    if (prefix >= 1 && prefix <= 32) networks.addSubnet(address, prefix);
  }
  return networks;
}
