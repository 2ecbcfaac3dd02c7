import { connect, type Socket } from 'node:net';
import { openTunnel } from '../proxy/open-tunnel.ts';
import type { ProxyLogin } from '../proxy/proxy-login.ts';
import { waitForEvent } from './socket-event.ts';

const CONNECT_TIMEOUT_MS = 20_000;

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** The proxy to go through; undefined for a direct connection. */
  readonly via?: ProxyLogin | undefined;
}

/** A TCP connection; a proxy's is paused. */
export async function openSocket(
  { host, port, via }: Endpoint,
  signal?: AbortSignal,
): Promise<Socket> {
  if (via !== undefined) return openTunnel(via, { host, port }, signal);
  const raw = connect({ host, port, noDelay: true });
  raw.on('error', () => {});
  const purpose = `No connection to ${host}:${port}`;
  await waitForEvent(raw, 'connect', { purpose, timeoutMs: CONNECT_TIMEOUT_MS, signal });
  return raw;
}
