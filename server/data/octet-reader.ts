import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

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
  /** Ends the connection in order; under TLS that is said to the peer (RFC 8446 §6.1). */
  end(): void;
  destroy(): void;
}

/** What Node keeps of an accepted socket. There is no public way to give it a buffer to read into. */
interface AcceptedSocket {
  _handle: unknown;
  _server: unknown;
}

/** What Node keeps of a TLS socket: the one beneath. A TLS socket does not tell how a write of nothing went. */
interface SecuredSocket {
  readonly _parent?: Socket | null;
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
    return { pause() {}, resume() {}, end() {}, destroy() {} };
  }
  if (accepted instanceof TLSSocket) return readDecrypted(accepted, consumer);
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
  tellOfEnd(socket, consumer);
  socket.resume();
  return {
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    // What the peer has sent is read to its end: closing is all that is left to do.
    end: () => void socket.destroy(),
    destroy: () => void socket.destroy(),
  };
}

/** TLS hands out chunks of its own; they are copied together. */
function readDecrypted(connection: TLSSocket, consumer: OctetConsumer): OctetReader {
  connection.on('data', (chunk: Buffer) => {
    let isToGoOn = true;
    for (let rest: Uint8Array = chunk; rest.length > 0; ) {
      const room = consumer.room();
      const octets = rest.subarray(0, room.length);
      room.set(octets);
      rest = rest.subarray(octets.length);
      isToGoOn = consumer.received(octets.length);
    }
    if (!isToGoOn) connection.pause();
  });
  tellOfEnd(connection, consumer);
  return {
    pause: () => void connection.pause(),
    resume: () => void connection.resume(),
    end: () => void connection.destroySoon(),
    destroy: () => void connection.destroy(),
  };
}

const NOTHING = Buffer.alloc(0);

/**
 * A reset that comes together with the last octets is an end in good order to libuv. Only a write shows that
 * nobody is there any more, even one of no octets; it sends nothing.
 */
function tellOfEnd(connection: Socket, consumer: OctetConsumer): void {
  let isOver = false;
  const over = (tell: () => void) => {
    if (isOver) return;
    isOver = true;
    tell();
  };
  // Else nothing could be written at the end.
  connection.allowHalfOpen = true;
  connection.on('end', () => {
    const beneath = (connection as unknown as SecuredSocket)._parent ?? connection;
    beneath.write(NOTHING, (error) => {
      // Not at once: a stream that is destroyed by its own callback makes an error for nobody, which takes long.
      queueMicrotask(() => over(() => (error ? consumer.failed(error) : consumer.ended())));
    });
  });
  connection.on('error', (error) => over(() => consumer.failed(error)));
  connection.on('close', () => over(() => consumer.failed(closedEarly())));
}

function closedEarly(): Error {
  return Object.assign(new Error('closed'), { code: 'ERR_SOCKET_CLOSED' });
}
