import { BlockList, isIPv4 } from 'node:net';

/** Networks that only their own hosts reach. */
const PRIVATE_NETWORKS = [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
  ['127.0.0.0', 8],
  ['0.0.0.0', 8],
] as const;

const privateAddresses = new BlockList();
for (const [network, prefix] of PRIVATE_NETWORKS) privateAddresses.addSubnet(network, prefix);

/** Whether only hosts of the same network, or the same host, reach an IPv4 address. */
function isPrivateAddress(address: string): boolean {
  return isIPv4(address) && privateAddresses.check(address);
}

/** An IPv4 address that a dual-stack socket shows as IPv6, as itself. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

/** `same`, or how the address in a reply to PASV differs from the one that was reached. */
export function compareAddresses(
  announced: string,
  reached: string,
): 'same' | 'unusable' | 'private' | 'other' {
  if (announced === plainAddress(reached)) return 'same';
  if (!isIPv4(announced) || announced === '0.0.0.0') return 'unusable';
  return isPrivateAddress(announced) ? 'private' : 'other';
}
