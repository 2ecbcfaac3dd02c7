import type { Offence } from './offences.ts';

/**
 * The offence in a failure of the control connection; undefined if there is none, as when the client does not trust the
 * certificate, which it says by an alert.
 */
export function handshakeOffence(error: Error): Offence | undefined {
  const code = String((error as NodeJS.ErrnoException).code);
  if (!code.startsWith('ERR_SSL_') || code.includes('ALERT')) return undefined;
  return code.includes('HTTP') ? 'http request' : 'failed tls handshake';
}
