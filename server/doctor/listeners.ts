import { isIPv4 } from 'node:net';
import { processesWithOpen, readText } from './processes.ts';

/** A TCP port that a program of this host listens on. */
export interface PortListener {
  readonly address: string;
  readonly port: number;
  /** Inode of its socket. */
  readonly inode: string;
}

const LISTEN = '0A';

/** All TCP listeners of this network namespace; empty where `/proc` does not show them. */
export function tcpListeners(): readonly PortListener[] {
  return ['/proc/self/net/tcp', '/proc/self/net/tcp6'].flatMap((file) =>
    (readText(file) ?? '').split('\n').slice(1).flatMap(listenerIn),
  );
}

/** The process that owns a listener; undefined if this user may not see it. */
export function ownerOf({ inode }: PortListener): number | undefined {
  return processesWithOpen(`socket:[${inode}]`)[0];
}

/** Whether a socket of `host` on the listener's port would conflict with it. Names count as every address. */
export function isInTheWay({ address }: PortListener, host: string): boolean {
  if (address === host || isWildcard(address) || isWildcard(host)) {
    return host !== '0.0.0.0' || isIPv4(address) || isWildcard(address);
  }
  return !/^[\d.]+$|:/.test(host);
}

function listenerIn(line: string): readonly PortListener[] {
  const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
  const [address = '', port = ''] = local.split(':');
  if (state !== LISTEN) return [];
  return [{ address: addressFrom(address), port: Number.parseInt(port, 16), inode }];
}

/** The system writes each 32 bits of an address as a number of the machine, which is little-endian. */
function addressFrom(hex: string): string {
  const octets = (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    [...Buffer.from(word, 'hex')].reverse(),
  );
  if (octets.length === 4) return octets.join('.');
  if (octets.every((octet) => octet === 0)) return '::';
  return (Buffer.from(octets).toString('hex').match(/.{4}/g) ?? []).join(':');
}

function isWildcard(address: string): boolean {
  return address === '::' || address === '0.0.0.0';
}
