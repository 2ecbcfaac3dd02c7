import type { Socket } from 'node:net';
import type { ControlFacts } from '../connection/control-facts.ts';
import { openTunnel } from '../proxy/open-tunnel.ts';

/** A passive port, or a connection to it that a proxy has opened. */
export type DataTarget = number | Socket;

/** What a data connection to a passive port begins with. */
export async function dataTarget(
  { via, passiveHost = '' }: ControlFacts,
  port: number,
  signal: AbortSignal | undefined,
): Promise<DataTarget> {
  return via === undefined ? port : openTunnel(via, { host: passiveHost, port }, signal);
}
