import type { Server } from 'node:net';
import { descriptorOf } from '../system/node-internals.ts';

/** Numbers of Linux (`asm-generic/socket.h`, `netinet/tcp.h`). */
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;
const SO_KEEPALIVE = 9;
const SO_OOBINLINE = 10;
const IPPROTO_TCP = 6;
const TCP_KEEPIDLE = 4;
const TCP_KEEPINTVL = 5;
const TCP_KEEPCNT = 6;

/** Silence on a control connection before TCP looks whether the client still exists. */
export const KEEP_ALIVE_IDLE_SECONDS = 60;

const RECEIVE_BUFFER_BYTES = 64 * 1024;

/**
 * Linux hands these on to the connections that a listener accepts.
 *
 * Clients send commands, mostly ABOR, as urgent data (RFC 959 §2.3). Unless it is left in line, the system takes out
 * the last octet, which ends the line: the command waits for the next one and becomes one line with it.
 *
 * TCP finds out within three minutes that a client has gone, and keeps the entries of routers on the way alive. Node
 * gives up ten seconds after the first probe, which a network that fails for a moment does not survive.
 *
 * Without a limit the system would keep up to 6 MiB of commands in its memory for each client.
 */
const OPTIONS = [
  [SOL_SOCKET, SO_OOBINLINE, 1],
  [SOL_SOCKET, SO_KEEPALIVE, 1],
  [SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER_BYTES],
  [IPPROTO_TCP, TCP_KEEPIDLE, KEEP_ALIVE_IDLE_SECONDS],
  [IPPROTO_TCP, TCP_KEEPINTVL, 15],
  [IPPROTO_TCP, TCP_KEEPCNT, 8],
] as const;

type SetOption = (
  fd: number,
  level: number,
  option: number,
  value: Int32Array,
  size: number,
) => number;

/** Loaded before any listener opens, so that no connection comes before its options. */
const setOption = await loadSetOption();

/**
 * Sets what Node cannot on a listener for control connections.
 *
 * @returns false if koffi cannot be used, Node does not give the descriptor, or the system refuses.
 */
export function setListenerOptions(listener: Server): boolean {
  const fd = descriptorOf(listener);
  if (fd === undefined || setOption === undefined) return false;
  return OPTIONS.every(
    ([level, option, value]) => setOption(fd, level, option, Int32Array.of(value), 4) === 0,
  );
}

async function loadSetOption(): Promise<SetOption | undefined> {
  try {
    const { default: koffi } = await import('koffi');
    return koffi
      .load(null)
      .func('int setsockopt(int, int, int, const void *, unsigned int)') as unknown as SetOption;
  } catch {
    return undefined;
  }
}
