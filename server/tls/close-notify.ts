import type { TLSSocket } from 'node:tls';

/** How the other side has ended an encrypted connection. */
export type TlsEnd = 'close-notify' | 'no close-notify' | 'unknown';

/** What Node keeps of a TLS socket: its handle, and beneath that the handle of the connection. */
interface SecuredSocket {
  readonly _handle?: {
    readonly reading?: boolean;
    readonly _parent?: { readStart?(): number } | null;
  } | null;
}

/** `readStart` of a handle that is reading already (libuv). */
const EALREADY = -114;

const ends = new WeakMap<TLSSocket, TlsEnd>();

/**
 * Finds out how an encrypted connection ends; to be called before the handshake. Only close_notify, which is
 * authenticated, says that everything has come (RFC 8446 §6.1). For Node an end of the connection beneath is the
 * same `end`, even in the middle of a record.
 *
 * They differ in this: when TLS passes on the end of the connection, the connection has stopped to be read. When it
 * reports close_notify, the connection is still being read, unless the socket was paused; and an end of a connection
 * that is not being read is not noticed.
 */
export function watchEnd(secured: TLSSocket): void {
  const push = secured.push;
  secured.push = function pushed(this: TLSSocket, chunk: unknown, encoding?: BufferEncoding) {
    if (chunk === null && !ends.has(secured)) ends.set(secured, endNow(secured));
    return push.call(this, chunk, encoding);
  };
}

/** How a connection that has emitted `end` was ended. */
export function endOf(secured: TLSSocket): TlsEnd {
  return ends.get(secured) ?? 'unknown';
}

function endNow(secured: TLSSocket): TlsEnd {
  const handle = (secured as unknown as SecuredSocket)._handle;
  const beneath = handle?._parent;
  if (typeof handle?.reading !== 'boolean' || typeof beneath?.readStart !== 'function') {
    return 'unknown';
  }
  if (!handle.reading) return 'close-notify';
  return beneath.readStart() === EALREADY ? 'close-notify' : 'no close-notify';
}
