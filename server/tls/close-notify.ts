import type { TLSSocket } from 'node:tls';
import { isClosedByNotify } from '../system/node-internals.ts';

const ends = new WeakMap<TLSSocket, boolean | undefined>();

/**
 * Finds out how an encrypted connection ends; to be called before the handshake. Only close_notify, which is
 * authenticated, says that everything has come (RFC 8446 §6.1).
 */
export function watchEnd(secured: TLSSocket): void {
  const push = secured.push;
  secured.push = function pushed(this: TLSSocket, chunk: unknown, encoding?: BufferEncoding) {
    if (chunk === null && !ends.has(secured)) ends.set(secured, isClosedByNotify(secured));
    return push.call(this, chunk, encoding);
  };
}

/** Whether close_notify has ended a connection that has emitted `end`; undefined if that is not known. */
export function endedByNotify(secured: TLSSocket): boolean | undefined {
  return ends.get(secured);
}
