import { isIPv6, type Socket } from 'node:net';
import type { Failure } from '../errors/failure.ts';
import { openSocket } from '../remote/connection/open-socket.ts';
import { type Finding, ok, problem, warning } from './finding.ts';
import type { Visit } from './visit.ts';

/** Of a host with more, the first ones. */
const MAX_ADDRESSES = 8;

/** Connects to each address of the host, and keeps the first connection. */
export async function checkConnection(visit: Visit): Promise<readonly Finding[]> {
  const attempts: Attempt[] = [];
  for (const address of visit.addresses.slice(0, MAX_ADDRESSES)) {
    const attempt = await tryAddress(visit, address);
    attempts.push(attempt);
    if (attempt.socket === undefined) continue;
    if (visit.socket === undefined) visit.socket = attempt.socket;
    else attempt.socket.destroy();
  }
  const isReached = visit.socket !== undefined;
  return attempts.map((attempt) => findingOf(attempt, visit.site.port, isReached));
}

interface Attempt {
  readonly address: string;
  readonly ms: number;
  readonly socket?: Socket;
  readonly failure?: Failure;
}

async function tryAddress(visit: Visit, address: string): Promise<Attempt> {
  const startedMs = performance.now();
  const elapsedMs = () => Math.round(performance.now() - startedMs);
  try {
    const endpoint = { host: address, port: visit.site.port, via: visit.via };
    const socket = await openSocket(endpoint, visit.timeLimit());
    return { address, ms: elapsedMs(), socket };
  } catch (error) {
    return { address, ms: elapsedMs(), failure: visit.failure(error) };
  }
}

function findingOf({ address, ms, failure }: Attempt, port: number, isReached: boolean): Finding {
  const endpoint = `${isIPv6(address) ? `[${address}]` : address}:${port}`;
  if (failure === undefined) {
    return ok('connection', `${endpoint} accepts connections (${ms} ms).`, { address, port, ms });
  }
  const text = /^(No connection|The proxy) /.test(failure.message)
    ? `${failure.message.replace(/\.$/, '')}.`
    : `No connection to ${endpoint}: ${failure.message}.`;
  if (isReached) {
    const remedy = `Clients that try ${address} first lose time. Let the server listen there, or remove the DNS record.`;
    return warning('connection', { text, remedy, facts: { address, port, ms } });
  }
  return problem('connection', 'network', {
    text,
    remedy: remedyFor(text, port),
    facts: { address, port, ms },
  });
}

function remedyFor(text: string, port: number): string {
  if (text.startsWith('The proxy')) return 'Check the proxy of the site, --proxy and ALL_PROXY.';
  if (text.includes('nothing listens')) {
    return `Start the server, check that it listens on this address (--host) and port (--port ${port}), and not on 127.0.0.1 only.`;
  }
  return `A firewall or router drops the connection: allow TCP port ${port}, and forward it if the server is behind NAT.`;
}
