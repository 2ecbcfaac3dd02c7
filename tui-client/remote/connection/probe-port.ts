import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import { serverName } from './certificate-trust.ts';
import { type Endpoint, openSocket } from './open-socket.ts';

/** Whether a new connection to the port completes a TLS handshake at once. */
export async function speaksTls(
  endpoint: Endpoint & { readonly name: string },
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const raw = await openSocket(endpoint, signal);
    const servername = serverName(endpoint.name);
    const secured = connectTls({ socket: raw, servername, rejectUnauthorized: false });
    try {
      await once(secured, 'secureConnect', { signal });
      return true;
    } finally {
      secured.on('error', () => {}).destroy();
      raw.destroy();
    }
  } catch {
    return false;
  }
}

/** What a new connection to the port says in clear; empty if nothing. */
export async function clearGreeting(endpoint: Endpoint, signal: AbortSignal): Promise<string> {
  try {
    const raw = await openSocket(endpoint, signal);
    try {
      const greeting = once(raw, 'data', { signal });
      raw.resume();
      const [octets] = await greeting;
      return String(octets).split(/\r?\n/)[0] ?? '';
    } finally {
      raw.destroy();
    }
  } catch {
    return '';
  }
}
