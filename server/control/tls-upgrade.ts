import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ControlTls } from '../tls/control-tls.ts';

/**
 * Encrypts a control connection that has been in clear (AUTH TLS, RFC 4217 §4). The caller listens to the
 * returned socket from then on; nothing more is read in clear.
 */
export function upgradeToTls(plain: Socket, tls: ControlTls): TLSSocket {
  for (const event of ['data', 'end', 'error', 'close', 'timeout']) plain.removeAllListeners(event);
  // The TLS socket reports errors.
  plain.on('error', () => {});
  return tls.secureControl(plain);
}
