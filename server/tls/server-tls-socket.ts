import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';

/**
 * Wraps an accepted socket in the server's side of TLS. The handshake begins at once; `secure` tells that
 * it is done, `close` that it, or the connection, has failed.
 */
export function serverTlsSocket(plain: Socket, secureContext: SecureContext): TLSSocket {
  const secured = new TLSSocket(plain, { isServer: true, secureContext, requestCert: false });
  // Without a `tls.Server` around it, a TLS socket tells of its errors by this event alone, and stays open.
  secured.on('_tlsError', (error: Error) => secured.destroy(error));
  return secured;
}
