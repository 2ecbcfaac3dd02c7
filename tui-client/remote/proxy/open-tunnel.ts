import { isIP, type Socket } from 'node:net';
import { domainToASCII } from 'node:url';
import { Failure } from '../../errors/failure.ts';
import { httpHandshake } from './http-handshake.ts';
import { tunnelFailure } from './proxy-failure.ts';
import type { ProxyLogin } from './proxy-login.ts';
import { reachProxy } from './reach-proxy.ts';
import { socksHandshake } from './socks-handshake.ts';
import type { Destination } from './tunnel-request.ts';

/** Proxies give up on hosts that do not answer after some 30 s, and say so. */
const HANDSHAKE_TIMEOUT_MS = 45_000;

const HANDSHAKES = { socks5: socksHandshake, http: httpHandshake };

/**
 * A connection through a proxy, which looks the name of the host up. It is paused, and what the host has sent is unread.
 *
 * @throws Failure that names the proxy.
 */
export async function openTunnel(
  via: ProxyLogin,
  destination: Destination,
  signal?: AbortSignal,
): Promise<Socket> {
  const request = {
    via,
    destination: { host: hostName(destination.host), port: destination.port },
    credentials: await via.credentials(),
  };
  const socket = await reachProxy(via, signal);
  const timeout = AbortSignal.timeout(HANDSHAKE_TIMEOUT_MS);
  const stop = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  const destroy = () => void socket.destroy();
  stop.addEventListener('abort', destroy);
  try {
    await HANDSHAKES[via.proxy.kind](socket, request);
    return socket;
  } catch (error) {
    socket.destroy();
    signal?.throwIfAborted();
    throw timeout.aborted ? tunnelFailure(via, 'does not answer') : error;
  } finally {
    stop.removeEventListener('abort', destroy);
  }
}

function hostName(host: string): string {
  const name = isIP(host) === 0 ? domainToASCII(host) : host;
  if (name === '') throw new Failure('network', `"${host}" is no name of a host.`);
  return name;
}
