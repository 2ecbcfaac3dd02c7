import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import { serverName } from '../remote/certificate-trust.ts';
import { openSocket } from '../remote/dial.ts';
import type { Visit } from './visit.ts';

/** Whether a new connection to the port completes a TLS handshake at once. */
export async function speaksTls(visit: Visit): Promise<boolean> {
  const signal = visit.timeLimit();
  try {
    const raw = await openSocket(endpointOf(visit), signal);
    const servername = serverName(visit.site.host);
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
export async function clearGreeting(visit: Visit): Promise<string> {
  const signal = visit.timeLimit();
  try {
    const raw = await openSocket(endpointOf(visit), signal);
    try {
      const [octets] = await once(raw, 'data', { signal });
      return String(octets).split(/\r?\n/)[0] ?? '';
    } finally {
      raw.destroy();
    }
  } catch {
    return '';
  }
}

function endpointOf({ addresses, site }: Visit): { host: string; port: number } {
  return { host: addresses[0] ?? site.host, port: site.port };
}
