import type { Server } from 'node:net';
import koffi from 'koffi';

/** As Linux numbers them (`asm-generic/socket.h`). */
const SOL_SOCKET = 1;
const SO_OOBINLINE = 10;

/** What Node keeps of a listener. There is no public way to set this option. */
interface OpenListener {
  readonly _handle?: { readonly fd?: number } | null;
}

type SetOption = (
  fd: number,
  level: number,
  option: number,
  value: Int32Array,
  size: number,
) => number;

let setOption: SetOption | undefined;

/**
 * Leaves urgent data in the stream, for all connections that a listener accepts from now on.
 *
 * Clients send commands, mostly ABOR, as urgent data (RFC 959 §2.3). Otherwise the system takes out their last octet,
 * which ends the line: the command would wait for the next one and become one line with it.
 *
 * @returns false if Node does not tell the descriptor, or the system refuses.
 */
export function keepUrgentDataInLine(listener: Server): boolean {
  const fd = (listener as unknown as OpenListener)._handle?.fd;
  if (fd === undefined || fd < 0) return false;
  setOption ??= koffi
    .load(null)
    .func('int setsockopt(int, int, int, const void *, unsigned int)') as unknown as SetOption;
  return setOption(fd, SOL_SOCKET, SO_OOBINLINE, Int32Array.of(1), 4) === 0;
}
