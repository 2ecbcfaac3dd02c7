import { ArgumentError } from '../errors.ts';
import type { Session } from '../session.ts';
import type { ActiveTarget } from './active-connector.ts';
import { isSameAddress } from './addresses.ts';

const LOWEST_PORT = 1024;

/**
 * The server connects to its client only, and to no system service: else it could be made to attack others
 * (RFC 2577 §3).
 *
 * @throws ArgumentError for every other target.
 */
export function checkActiveTarget(session: Session, target: ActiveTarget): void {
  if (!isSameAddress(target.address, session.peerAddress)) {
    throw new ArgumentError('Data connections go to your own address only.');
  }
  if (target.port < LOWEST_PORT || target.port > 65_535) {
    throw new ArgumentError('Data connections go to ports of 1024 and up only.');
  }
}
