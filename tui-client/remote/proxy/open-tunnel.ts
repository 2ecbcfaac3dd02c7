import { isIP, type Socket } from 'node:net';
import { domainToASCII } from 'node:url';
import { Failure } from '../../errors/failure.ts';
import { tunnelFailure } from './proxy-failure.ts';
import type { ProxyLogin } from './proxy-login.ts';
import { reachProxy } from './reach-proxy.ts';
import type { Destination } from './tunnel-request.ts';

/** Proxies give up on hosts that do not answer after some 30 s, and say so. */
const HANDSHAKE_TIMEOUT_MS = 45_000;

/** Loaded when a proxy is used: most connections have none, and the libraries are a third of what a command loads. */
const HANDSHAKES = {
  socks5: async () => (await import('./socks-handshake.ts')).socksHandshake,
  http: async () => (await import('./http-handshake.ts')).httpHandshake,
};

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
  const shakeHands = await HANDSHAKES[via.proxy.kind]();
  const socket = await reachProxy(via, signal);
  const timeout = AbortSignal.timeout(HANDSHAKE_TIMEOUT_MS);
  const stop = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  const destroy = () => void socket.destroy();
  stop.addEventListener('abort', destroy);
  try {
    await shakeHands(socket, request);
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
