import { isIPv4 } from 'node:net';
import type { SessionContext } from '../contract/session-context.ts';
import { DataConnectionError, SequenceError } from '../errors/errors.ts';
import { isPrivateAddress } from '../network/addresses.ts';
import type { LocalNetworks } from '../network/local-networks.ts';
import type { PublicAddresses } from '../network/public-addresses.ts';

/** The settings and facts from which PASV takes its address. */
interface PassiveAddresses {
  readonly publicAddresses: Pick<PublicAddresses, 'forNetworkOf' | 'general'>;
  readonly localNetworks: Pick<LocalNetworks, 'includes'>;
}

/**
 * The IPv4 address in a PASV reply. The first of these that exists:
 *
 * 1. the public host of the smallest listed network that the client is in;
 * 2. the address that the client came to, if the client is in a network of one of the host's interfaces;
 * 3. the public host without a network;
 * 4. the address that the client came to.
 *
 * @throws DataConnectionError if the client came over IPv6, or its public host is not resolved yet and the
 *   client certainly cannot reach the local address.
 */
export function passiveAddress(session: SessionContext): string {
  const local = session.control.localAddress;
  if (!isIPv4(local)) {
    throw new DataConnectionError('PASV cannot name an IPv6 address; use EPSV.');
  }
  const peer = session.peerAddress;
  const chosen = publicAddressFor({ peer, local }, session.services);
  if (chosen === undefined) return local;
  if (chosen.address !== undefined) return chosen.address;
  if (isPrivateAddress(local) && !isPrivateAddress(peer)) {
    throw new DataConnectionError(
      'The public address of the server is not known yet; use EPSV or try again later.',
    );
  }
  return local;
}

function publicAddressFor(
  { peer, local }: { readonly peer: string; readonly local: string },
  { publicAddresses, localNetworks }: PassiveAddresses,
): ReturnType<PublicAddresses['forNetworkOf']> {
  const ofNetwork = publicAddresses.forNetworkOf(peer);
  if (ofNetwork !== undefined) return ofNetwork;
  const isLocal = peer === local || localNetworks.includes(peer);
  return isLocal ? undefined : publicAddresses.general;
}

/** @throws SequenceError if the client has said that it will use nothing but EPSV (RFC 2428 §4). */
export function requireAnyConnectorAllowed(session: SessionContext): void {
  if (session.parameters.isExtendedPassiveOnly) {
    throw new SequenceError('After EPSV ALL, only EPSV sets up data connections.');
  }
}
