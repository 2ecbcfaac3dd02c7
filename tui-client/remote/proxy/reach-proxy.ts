import { connect, type Socket } from 'node:net';
import { waitForEvent } from '../connection/socket-event.ts';
import { isFailure } from '../remote-failure.ts';
import { tunnelFailure } from './proxy-failure.ts';
import type { ProxyLogin } from './proxy-login.ts';

const CONNECT_TIMEOUT_MS = 20_000;
const KEEP_ALIVE_MS = 20_000;

/** A TCP connection to the proxy itself. */
export async function reachProxy(via: ProxyLogin, signal?: AbortSignal): Promise<Socket> {
  const { host, port } = via.proxy;
  const socket = connect({ host, port, noDelay: true });
  socket.on('error', () => {}).setKeepAlive(true, KEEP_ALIVE_MS);
  try {
    const purpose = 'cannot be reached';
    await waitForEvent(socket, 'connect', { purpose, timeoutMs: CONNECT_TIMEOUT_MS, signal });
    return socket;
  } catch (error) {
    signal?.throwIfAborted();
    throw isFailure(error) ? tunnelFailure(via, error.message) : error;
  }
}
