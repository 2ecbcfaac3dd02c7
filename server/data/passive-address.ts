import { isIPv4 } from 'node:net';
import { SequenceError } from '../errors.ts';
import type { Session } from '../session.ts';
import { isNeighbour, plainAddress } from './addresses.ts';

/**
 * The IPv4 address that PASV names: the one that the client came to, or `--public-host` for a client that
 * comes from beyond the local network. Undefined on IPv6.
 */
export function passiveAddress(session: Session): string | undefined {
  const { publicAddress } = session.services;
  const local = plainAddress(session.commandSocket.localAddress ?? '');
  if (!isIPv4(local)) return undefined;
  return publicAddress === undefined || isNeighbour(session.peerAddress) ? local : publicAddress;
}

/** @throws SequenceError if the client has said that it will use nothing but EPSV (RFC 2428 §4). */
export function requireAnyConnectorAllowed(session: Session): void {
  if (session.isExtendedPassiveOnly) {
    throw new SequenceError('After EPSV ALL, only EPSV sets up data connections.');
  }
}
