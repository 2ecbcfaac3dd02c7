import { BlockList, isIPv4, isIPv6 } from 'node:net';

const IPV4_IN_IPV6 = '::ffff:';

/** An address without the prefix that an IPv6 socket gives to IPv4 peers, and without a zone. */
export function plainAddress(address: string): string {
  if (!address.includes(':')) return address;
  const plain = address.startsWith(IPV4_IN_IPV6) ? address.slice(IPV4_IN_IPV6.length) : address;
  return isIPv4(plain) ? plain : (address.split('%')[0] ?? address);
}

const PRIVATE = new BlockList();
PRIVATE.addSubnet('127.0.0.0', 8);
PRIVATE.addSubnet('10.0.0.0', 8);
PRIVATE.addSubnet('172.16.0.0', 12);
PRIVATE.addSubnet('192.168.0.0', 16);
PRIVATE.addSubnet('169.254.0.0', 16);
PRIVATE.addSubnet('100.64.0.0', 10);

/**
 * Whether an IPv4 address is not routed on the internet: loopback, link-local, private (RFC 1918) or shared
 * (RFC 6598).
 */
export function isPrivateAddress(address: string): boolean {
  const plain = plainAddress(address);
  return isIPv4(plain) && PRIVATE.check(plain);
}

/** Whether an address is of the loopback network. */
export function isLoopbackAddress(address: string): boolean {
  const plain = plainAddress(address);
  return plain === '::1' || (isIPv4(plain) && plain.startsWith('127.'));
}

/** Whether a host name or address is reached from this machine only. */
export function isLoopbackHost(host: string): boolean {
  return host.toLowerCase() === 'localhost' || isLoopbackAddress(host);
}

/** Whether two texts name the same address. */
export function isSameAddress(one: string, other: string): boolean {
  const [left, right] = [plainAddress(one), plainAddress(other)];
  if (left === right) return true;
  if (!isIPv6(left) || !isIPv6(right)) return false;
  const list = new BlockList();
  list.addAddress(left, 'ipv6');
  return list.check(right, 'ipv6');
}
