/**
 * Everything that MyFTP uses of Node and that Node does not document. No other file names it.
 *
 * A release of Node can give a private name another meaning, and an upload would be stored corrupt. So the
 * functions that octets pass through return undefined unless the major release is in `PROVEN_MAJORS`, and if
 * Node lacks what they need; the caller then takes a public way. `node-internals.test.ts` checks the behaviour of
 * each; `docs/private-interfaces.md` lists them and says how a release is added.
 */

import { type Server, Socket } from 'node:net';
import { constants } from 'node:os';
import type { SecureContext, TLSSocket } from 'node:tls';

/** Major releases of Node on which `node-internals.test.ts` has passed. */
export const PROVEN_MAJORS: readonly number[] = [22, 24, 26];

/**
 * Opens what a path names without reading or waiting for it, see open(2). Linux defines it; `fs.constants` lacks
 * it.
 */
export const O_PATH = 0o10000000;

/** Event of a TLS socket on the server's side that no `tls.Server` has made: the handshake is complete. */
export const SECURE_EVENT = 'secure';

/**
 * Event of the same TLS socket: TLS has failed after the handshake. Node emits no `error` then, and leaves the
 * socket open.
 */
export const TLS_ERROR_EVENT = '_tlsError';

/** Buffers that a socket reads into. */
export interface ReadTarget {
  /** The place for the next octets, never empty. */
  room(): Uint8Array;
  /** Takes the number of octets that have been put there; false stops the reading until the socket is resumed. */
  received(bytes: number): boolean;
}

let release = process.versions.node;

/** Makes this module behave as on another release of Node, for tests of the public ways. */
export function assumeRelease(version: string): void {
  release = version;
}

/** Facts for a warning that this release of Node is not proven; undefined for a proven one. */
export function unprovenRelease(): { node: string; tested: readonly number[] } | undefined {
  return isProven() ? undefined : { node: release, tested: PROVEN_MAJORS };
}

/**
 * Makes an accepted socket read into `target`. `net` has the option `onread` for sockets that it connects only, so
 * the handle moves into a new `Socket` with that option.
 *
 * @param accepted a socket that has been paused since it was accepted (`pauseOnConnect`). It is unusable
 *   afterwards.
 * @returns the socket that reads, paused; undefined if the caller has to read `accepted` itself.
 */
export function readAcceptedInto(accepted: Socket, target: ReadTarget): Socket | undefined {
  const from = accepted as unknown as AcceptedSocket;
  const handle = from._handle;
  if (!isProven() || !isReadable(handle) || !('_server' in from)) return undefined;
  if (accepted.bytesRead > 0 || accepted.readableLength > 0) return undefined;
  const onread = {
    buffer: () => target.room(),
    callback: (bytes: number) => target.received(bytes),
  };
  const socket = new Socket({ handle, onread } as never);
  // The listener counts its connections until their sockets close.
  (socket as unknown as AcceptedSocket)._server = from._server;
  from._handle = null;
  from._server = null;
  return socket;
}

/**
 * Whether close_notify of TLS (RFC 8446 §6.1) ends a TLS socket; Node reports the end of the connection beneath as the
 * same `end`. Ask when `push(null)` is called. When TLS passes on an end of the connection, libuv has stopped reading
 * it. When TLS reports close_notify, the connection is still being read, or the socket was paused and the end of the
 * connection is not noticed.
 *
 * @returns undefined if this release of Node does not show it.
 */
export function isClosedByNotify(secured: TLSSocket): boolean | undefined {
  const handle = (secured as unknown as SecuredSocket)._handle;
  const beneath = handle?._parent;
  if (!isProven() || typeof handle?.reading !== 'boolean') return undefined;
  if (typeof beneath?.readStart !== 'function') return undefined;
  return !handle.reading || beneath.readStart() === EALREADY;
}

/**
 * Makes a TLS socket decrypt into `target`, as the option `onread` does for a socket that Node connects itself.
 * The caller has read everything that the socket had received before.
 *
 * @returns a function that ends the use of `target`: what is decrypted later is dropped. Undefined if the caller
 *   has to read the socket itself.
 */
export function decryptInto(secured: TLSSocket, target: ReadTarget): (() => void) | undefined {
  const socket = secured as unknown as BufferedSocket;
  const handle = socket._handle;
  if (!isProven() || !isReadable(handle) || secured.readableLength > 0) return undefined;
  const [buffer, nextBuffer, callback] = symbolsOf(socket, ['kBuffer', 'kBufferGen', 'kBufferCb']);
  if (!(buffer && nextBuffer && callback)) return undefined;
  let current = target;
  const use = () => {
    const room = current.room();
    socket[buffer] = room;
    handle.useUserBuffer(room);
  };
  socket[nextBuffer] = () => current.room();
  socket[callback] = (bytes: number) => current.received(bytes);
  use();
  return () => {
    current = DROPPED;
    if (socket._handle) use();
  };
}

/**
 * The descriptor of a listener, for socket options that `net` lacks; undefined if this release of Node does not show
 * it.
 */
export function descriptorOf(listener: Server): number | undefined {
  const { _handle: handle } = listener as unknown as { _handle?: { readonly fd?: number } | null };
  const fd = handle?.fd;
  return isProven() && fd !== undefined && fd >= 0 ? fd : undefined;
}

/**
 * Keeps a context from sending session tickets.
 *
 * `SSL_OP_NO_TICKET` replaces the two tickets of TLS 1.3 by two others, which carry the number of a session. A callback
 * that has no key for a new ticket makes OpenSSL send none.
 *
 * @returns false if the context is unchanged.
 */
export function sendNoTickets(context: SecureContext): boolean {
  const { context: native } = context as { readonly context: TicketCallback };
  if (!isProven() || typeof native.enableTicketKeyCallback !== 'function') return false;
  native.onticketkeycallback = () => [0, UNUSED, UNUSED, UNUSED, UNUSED];
  native.enableTicketKeyCallback();
  return true;
}

/** OpenSSL's callback for ticket keys, as Node offers it to itself. */
interface TicketCallback {
  enableTicketKeyCallback?(): void;
  onticketkeycallback?: () => readonly [result: 0, ...parts: Buffer[]];
}

/** The HMAC key, the AES key, the name and the initialization vector of a ticket. Node insists on them and uses none. */
const UNUSED = Buffer.alloc(16);

/** The most octets that TLS decrypts at a time (RFC 8446 §5.1). */
const RECORD_BYTES = 16 * 1024;

/** Takes decrypted octets that are dropped. It is never read, so all connections share it. */
const DROPPED_OCTETS = Buffer.allocUnsafeSlow(RECORD_BYTES);
const DROPPED: ReadTarget = { room: () => DROPPED_OCTETS, received: () => false };

/** Result of `readStart` of a handle that is reading already (libuv). */
const EALREADY = -constants.errno.EALREADY;

/** Fields of a TLS socket: its handle, and beneath that the handle of the connection. */
interface SecuredSocket {
  readonly _handle?: {
    readonly reading?: boolean;
    readonly _parent?: { readStart?(): number } | null;
  } | null;
}

interface ReadableHandle {
  readStart(): number;
  readStop(): number;
  useUserBuffer(buffer: Uint8Array): void;
}

/** Fields of a socket that `net` has accepted. */
interface AcceptedSocket {
  _handle: unknown;
  _server: unknown;
}

/** Fields in which `net` keeps the option `onread`. */
interface BufferedSocket {
  [name: symbol]: unknown;
  readonly _handle: ReadableHandle | null;
}

function isProven(): boolean {
  return PROVEN_MAJORS.includes(Number.parseInt(release, 10));
}

function isReadable(handle: unknown): handle is ReadableHandle {
  const { readStart, readStop, useUserBuffer } = (handle ?? {}) as Partial<ReadableHandle>;
  return [readStart, readStop, useUserBuffer].every((method) => typeof method === 'function');
}

function symbolsOf(of: object, names: readonly string[]): (symbol | undefined)[] {
  const symbols = Object.getOwnPropertySymbols(of);
  return names.map((name) => symbols.find(({ description }) => description === name));
}
