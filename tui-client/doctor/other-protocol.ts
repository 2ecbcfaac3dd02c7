import type { Endpoint } from '../remote/connection/open-socket.ts';
import * as probe from '../remote/connection/probe-port.ts';
import type { Visit } from './visit.ts';

/** Whether a new connection to the port completes a TLS handshake at once. */
export function speaksTls(visit: Visit): Promise<boolean> {
  return probe.speaksTls({ ...endpointOf(visit), name: visit.site.host }, visit.timeLimit());
}

/** What a new connection to the port says in clear; empty if nothing. */
export function clearGreeting(visit: Visit): Promise<string> {
  return probe.clearGreeting(endpointOf(visit), visit.timeLimit());
}

function endpointOf({ addresses, site, via }: Visit): Endpoint {
  return { host: addresses[0] ?? site.host, port: site.port, via };
}
