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
  /** Octets come by records of TLS or by blocks, each of some KiB. */
  readonly comesInPieces: boolean;
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

/** The most that TLS decrypts at a time (RFC 8446 §5.1). */
const RECORD_BYTES = 16 * 1024;

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
    return { comesInPieces: false, pause() {}, resume() {}, end() {}, destroy() {} };
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
    comesInPieces: false,
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    // What the peer has sent is read to its end: closing is all that is left to do.
    end: () => void socket.destroy(),
    destroy: () => void socket.destroy(),
  };
}

/** Takes what is decrypted when nobody wants it any more: never read, so one is enough. */
const NOBODYS = Buffer.allocUnsafeSlow(RECORD_BYTES);

/** TLS decrypts into buffers of the consumer, too. */
function readDecrypted(connection: TLSSocket, consumer: OctetConsumer): OctetReader {
  // Octets can come together with the last message of the handshake.
  const first: Buffer | null = connection.read();
  if (first !== null) giveCopy(first, consumer);
  let room = () => consumer.room();
  const isDirect = decryptInto(connection, {
    room: () => room(),
    received: (bytes) => consumer.received(bytes),
  });
  if (!isDirect) {
    connection.on('data', (chunk: Buffer) => {
      if (!giveCopy(chunk, consumer)) connection.pause();
    });
  }
  tellOfEnd(connection, consumer);
  connection.resume();
  // What is still decrypted must not reach a buffer that serves another transfer by then.
  const leave = () => {
    if (!isDirect) return;
    room = () => NOBODYS;
    (connection as unknown as ReadsIntoBuffers)._handle?.useUserBuffer?.(NOBODYS);
  };
  return {
    comesInPieces: true,
    pause() {
      leave();
      connection.pause();
    },
    resume: () => void connection.resume(),
    end() {
      leave();
      connection.destroySoon();
    },
    destroy() {
      leave();
      connection.destroy();
    },
  };
}

function giveCopy(chunk: Buffer, consumer: OctetConsumer): boolean {
  let isToGoOn = true;
  for (let rest: Uint8Array = chunk; rest.length > 0; ) {
    const room = consumer.room();
    const octets = rest.subarray(0, room.length);
    room.set(octets);
    rest = rest.subarray(octets.length);
    isToGoOn = consumer.received(octets.length);
  }
  return isToGoOn;
}

/** How `net` remembers what `onread` was given. */
interface ReadsIntoBuffers {
  [name: symbol]: unknown;
  readonly _handle?: { useUserBuffer?(buffer: Uint8Array): void } | null;
}

/**
 * Does for a TLS socket that is connected already what `onread` does for one that Node connects itself. False
 * if Node does not know these names.
 */
function decryptInto(
  connection: TLSSocket,
  { room, received }: Pick<OctetConsumer, 'room' | 'received'>,
): boolean {
  const socket = connection as unknown as ReadsIntoBuffers;
  const symbols = Object.getOwnPropertySymbols(socket);
  const [buffer, nextBuffer, callback] = ['kBuffer', 'kBufferGen', 'kBufferCb'].map((name) =>
    symbols.find(({ description }) => description === name),
  );
  if (!(buffer && nextBuffer && callback && socket._handle?.useUserBuffer)) return false;
  const first = room();
  socket[buffer] = first;
  socket[nextBuffer] = room;
  socket[callback] = received;
  socket._handle.useUserBuffer(first);
  return true;
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
