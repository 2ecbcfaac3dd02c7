import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { Failure } from '../../errors/failure.ts';
import { failureForError } from '../remote-failure.ts';

const TRANSIENT = { isTransient: true } as const;

/** Waits for an event of a socket; the socket is destroyed if it does not come. */
export async function waitForEvent(
  socket: Socket | TLSSocket,
  event: string,
  {
    purpose,
    timeoutMs,
    signal,
  }: { purpose: string; timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<void> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const either = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
  const closed = new AbortController();
  try {
    await Promise.race([
      once(socket, event, { signal: either }),
      once(socket, 'close', { signal: closed.signal }).then(() => {
        throw Object.assign(new Error('the connection was closed'), { code: 'ECLOSED' });
      }),
    ]);
  } catch (error) {
    socket.destroy();
    signal?.throwIfAborted();
    if (timeout.aborted) throw new Failure('network', `${purpose}: no answer`, TRANSIENT);
    throw failureForError(error, purpose);
  } finally {
    closed.abort();
  }
}
