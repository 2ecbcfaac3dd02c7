import type { SessionContext } from '../contract/session-context.ts';
import type { ActiveTarget } from '../data/active-connector.ts';
import { ArgumentError } from '../errors/errors.ts';
import { isSameAddress } from '../network/addresses.ts';

const MIN_PORT = 1024;

/** Sent by clients that listen on all of their addresses: lftp does so over IPv6 on one machine. */
const UNSPECIFIED = new Set(['0.0.0.0', '::']);

/**
 * The server connects to its client only, and to no system port, so that it cannot be used to attack others (RFC 2577
 * §3). The unspecified address stands for the client's own.
 *
 * @throws ArgumentError for every other target.
 */
export function activeTarget(
  session: SessionContext,
  { address, port }: ActiveTarget,
): ActiveTarget {
  const { peerAddress } = session;
  if (!UNSPECIFIED.has(address) && !isSameAddress(address, peerAddress)) {
    throw new ArgumentError('Data connections go to your own address only.');
  }
  if (port < MIN_PORT || port > 65_535) {
    throw new ArgumentError('Data connections go to ports of 1024 and up only.');
  }
  return { address: peerAddress, port };
}
