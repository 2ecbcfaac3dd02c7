import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { decryptInto, type ReadTarget, readAcceptedInto } from '../system/node-internals.ts';
import { endedByNotify } from '../tls/close-notify.ts';
import { socketBeneath } from '../tls/control-tls.ts';

/**
 * How the data of a file ended: the connection closed in order; close_notify; the connection closed without
 * close_notify although it is encrypted; a block that marks the end (MODE B).
 */
export type DataEnd = 'connection' | 'close-notify' | 'no close-notify' | 'block';

/** Takes the octets of a data connection. */
export interface OctetConsumer extends ReadTarget {
  /** The peer sends nothing more. */
  ended(how: DataEnd): void;
  failed(error: Error): void;
}

export interface OctetReader {
  /** Octets come by records of TLS, by chunks or by blocks, each of some KiB. */
  readonly comesInPieces: boolean;
  /** Stops the reading for good and leaves the connection open. */
  stop(): void;
  /** Continues after the consumer has stopped the reading. */
  resume(): void;
  /** Ends the connection in order; under TLS that is said to the peer (RFC 8446 §6.1). */
  end(): void;
  destroy(): void;
}

/**
 * Reads a data connection into buffers of the consumer: without a copy and without an allocation per chunk if
 * Node allows it (see `node-internals.ts`), else by copying. The socket must have been accepted paused
 * (`pauseOnConnect`), so that nothing is lost.
 */
export function readOctets(accepted: Socket, consumer: OctetConsumer): OctetReader {
  if (accepted.destroyed) {
    consumer.failed(closedEarly());
    return { comesInPieces: false, stop() {}, resume() {}, end() {}, destroy() {} };
  }
  return accepted instanceof TLSSocket
    ? readDecrypted(accepted, consumer)
    : readPlain(accepted, consumer);
}

function readPlain(accepted: Socket, consumer: OctetConsumer): OctetReader {
  const direct = readAcceptedInto(accepted, consumer);
  const socket = direct ?? accepted;
  if (direct === undefined) readCopies(socket, consumer);
  reportEnd(socket, consumer);
  socket.resume();
  return {
    comesInPieces: direct === undefined,
    stop: () => void socket.pause(),
    resume: () => void socket.resume(),
    // The peer's data has been read to the end; only closing is left.
    end: () => void socket.destroy(),
    destroy: () => void socket.destroy(),
  };
}

function readDecrypted(connection: TLSSocket, consumer: OctetConsumer): OctetReader {
  const wantsMore = giveBuffered(connection, consumer);
  // Octets that are decrypted after the end must not reach a buffer that serves another transfer then.
  const leave = decryptInto(connection, consumer);
  if (leave === undefined) readCopies(connection, consumer);
  reportEnd(connection, consumer);
  if (wantsMore) connection.resume();
  return {
    comesInPieces: true,
    stop() {
      leave?.();
      connection.pause();
    },
    resume: () => void connection.resume(),
    end() {
      leave?.();
      connection.destroySoon();
    },
    destroy() {
      leave?.();
      connection.destroy();
    },
  };
}

/**
 * Gives what has arrived since the handshake. `read` returns one chunk of it in Node 26, and all of it before.
 *
 * @returns false if the consumer wants no more for now.
 */
function giveBuffered(connection: Socket, target: ReadTarget): boolean {
  let wantsMore = true;
  for (;;) {
    const chunk: Buffer | null = connection.read();
    if (chunk === null) return wantsMore;
    wantsMore = giveCopy(chunk, target);
  }
}

function readCopies(connection: Socket, target: ReadTarget): void {
  connection.on('data', (chunk: Buffer) => {
    if (!giveCopy(chunk, target)) connection.pause();
  });
}

function giveCopy(chunk: Buffer, target: ReadTarget): boolean {
  let wantsMore = true;
  for (let rest: Uint8Array = chunk; rest.length > 0; ) {
    const room = target.room();
    const octets = rest.subarray(0, room.length);
    room.set(octets);
    rest = rest.subarray(octets.length);
    wantsMore = target.received(octets.length);
  }
  return wantsMore;
}

const NOTHING = Buffer.alloc(0);

/**
 * A reset that comes together with the last octets is an end in good order to libuv. Only a write shows that
 * the peer has gone, even one of no octets, which sends nothing. After close_notify, a reset is no loss.
 */
function reportEnd(connection: Socket, consumer: OctetConsumer): void {
  let isSettled = false;
  const settle = (report: () => void) => {
    if (isSettled) return;
    isSettled = true;
    report();
  };
  const closed = (error?: Error) =>
    settle(() => {
      if (hasAllOctets(connection)) consumer.ended('close-notify');
      else consumer.failed(error ?? closedEarly());
    });
  // Else nothing could be written at the end.
  connection.allowHalfOpen = true;
  connection.on('end', () => {
    if (hasAllOctets(connection)) return settle(() => consumer.ended('close-notify'));
    // A TLS socket does not report the result of an empty write.
    const written = connection instanceof TLSSocket ? socketBeneath(connection) : connection;
    written.write(NOTHING, (error) => {
      // Not at once: a stream that its own callback destroys makes an error that nothing handles, which takes long.
      queueMicrotask(() =>
        settle(() => (error ? consumer.failed(error) : consumer.ended(endOf(connection)))),
      );
    });
  });
  connection.on('error', closed);
  connection.on('close', () => closed());
}

/** Whether close_notify has arrived and the consumer has all octets before it. */
function hasAllOctets(connection: Socket): boolean {
  return (
    connection instanceof TLSSocket &&
    connection.readableLength === 0 &&
    endedByNotify(connection) === true
  );
}

function endOf(connection: Socket): DataEnd {
  const isNotified = connection instanceof TLSSocket ? endedByNotify(connection) : undefined;
  if (isNotified === undefined) return 'connection';
  return isNotified ? 'close-notify' : 'no close-notify';
}

function closedEarly(): Error {
  return Object.assign(new Error('closed'), { code: 'ERR_SOCKET_CLOSED' });
}
