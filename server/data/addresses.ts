import { BlockList, isIPv4, isIPv6 } from 'node:net';

const IPV4_IN_IPV6 = '::ffff:';

/** An address without the prefix that an IPv6 socket gives to IPv4 peers, and without a zone. */
export function plainAddress(address: string): string {
  const plain = address.startsWith(IPV4_IN_IPV6) ? address.slice(IPV4_IN_IPV6.length) : address;
  return isIPv4(plain) ? plain : (address.split('%')[0] ?? address);
}

const NEIGHBOURS = new BlockList();
NEIGHBOURS.addSubnet('127.0.0.0', 8);
NEIGHBOURS.addSubnet('10.0.0.0', 8);
NEIGHBOURS.addSubnet('172.16.0.0', 12);
NEIGHBOURS.addSubnet('192.168.0.0', 16);
NEIGHBOURS.addSubnet('169.254.0.0', 16);

/** Whether a peer reaches the server without address translation: it is on the same machine or network. */
export function isNeighbour(address: string): boolean {
  const plain = plainAddress(address);
  return isIPv4(plain) && NEIGHBOURS.check(plain);
}

/** Whether two texts name the same address. */
export function isSameAddress(one: string, other: string): boolean {
  const list = new BlockList();
  const [left, right] = [plainAddress(one), plainAddress(other)];
  if (isIPv4(left) && isIPv4(right)) return left === right;
  if (!isIPv6(left) || !isIPv6(right)) return false;
  list.addAddress(left, 'ipv6');
  return list.check(right, 'ipv6');
}
