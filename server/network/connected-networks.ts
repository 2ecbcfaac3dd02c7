import { readFileSync } from 'node:fs';

interface Network {
  /** An address within. */
  readonly address: string;
  /** The network with its prefix, such as `192.168.77.0/24`. */
  readonly cidr: string;
}

const GATEWAY_FLAG = 0x2;

/** The IPv4 networks that this host reaches without a gateway, by its routing table; empty if that is hidden. */
export function connectedNetworks(): readonly Network[] {
  let table: string;
  try {
    table = readFileSync('/proc/self/net/route', 'latin1');
  } catch {
    return [];
  }
  return table.split('\n').slice(1).flatMap(networkIn);
}

function networkIn(line: string): readonly Network[] {
  const [, destination = '', , flags = '', , , , mask = ''] = line.split('\t');
  if (mask === '' || (Number.parseInt(flags, 16) & GATEWAY_FLAG) !== 0) return [];
  const octets = octetsOf(destination);
  const ones = octetsOf(mask).map((octet) => octet.toString(2).replaceAll('0', '').length);
  const address = octets.join('.');
  return [{ address, cidr: `${address}/${ones.reduce((sum, count) => sum + count, 0)}` }];
}

/** The system writes an address as a number of the machine, which is little-endian. */
function octetsOf(hex: string): readonly number[] {
  return [...Buffer.from(hex, 'hex')].reverse();
}
