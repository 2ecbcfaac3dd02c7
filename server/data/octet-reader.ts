import { Socket } from 'node:net';

/** Who takes the octets of a data connection. */
export interface OctetConsumer {
  /** Where the next octets go. */
  room(): Uint8Array;
  /** So many octets have come; false stops the reading until `resume`. */
  received(bytes: number): boolean;
  /** The peer has sent everything. */
  ended(): void;
  failed(error: Error): void;
}

export interface OctetReader {
  pause(): void;
  resume(): void;
  destroy(): void;
}

/** What Node keeps of an accepted socket. There is no public way to give it a buffer to read into. */
interface AcceptedSocket {
  _handle: unknown;
  _server: unknown;
}

/**
 * Reads a data connection into buffers of the consumer, without a copy and without an allocation per
 * chunk. The socket must have been accepted paused (`pauseOnConnect`), so that nothing is lost.
 *
 * `net` offers `onread` for sockets that it connects, not for those that it accepts: the handle is moved
 * into a new `Socket` with that option.
 */
export function readOctets(accepted: Socket, consumer: OctetConsumer): OctetReader {
  if (accepted.destroyed) {
    consumer.failed(closedEarly());
    return { pause() {}, resume() {}, destroy() {} };
  }
  const from = accepted as unknown as AcceptedSocket;
  const options = {
    handle: from._handle,
    onread: {
      buffer: () => consumer.room(),
      callback: (bytes: number) => consumer.received(bytes),
    },
  };
  const socket = new Socket(options as never);
  (socket as unknown as AcceptedSocket)._server = from._server;
  from._handle = null;
  from._server = null;
  let isOver = false;
  const over = (tell: () => void) => {
    if (isOver) return;
    isOver = true;
    tell();
  };
  socket.on('end', () => over(() => consumer.ended()));
  socket.on('error', (error) => over(() => consumer.failed(error)));
  socket.on('close', () => over(() => consumer.failed(closedEarly())));
  socket.resume();
  return {
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    destroy: () => void socket.destroy(),
  };
}

function closedEarly(): Error {
  return Object.assign(new Error('closed'), { code: 'ERR_SOCKET_CLOSED' });
}
