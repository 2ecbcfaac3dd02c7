import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { TlsFailedError } from '../errors/errors.ts';
import { SECURE_EVENT } from '../system/node-internals.ts';
import { watchEnd } from './close-notify.ts';
import type { ControlTls, SessionReuse } from './control-tls.ts';
import { onClientHello } from './on-client-hello.ts';

/** Time for the client to complete the handshake. */
const HANDSHAKE_TIMEOUT_MS = 15_000;

export interface DataProtection {
  /** TLS of the control connection. */
  readonly tls: ControlTls;
  readonly sessionReuse: SessionReuse;
  readonly handshakeTimeoutMs?: number;
}

/** The transfer that the data connection is for. An `AbortSignal` would have a price for small files. */
interface Abortable {
  /** Calls back when it is aborted, at once if it has been. */
  onAbort(callback: (reason: Error) => void): void;
}

/**
 * Encrypts a data connection (RFC 4217 §9).
 *
 * @throws TlsFailedError if the handshake fails or takes too long, or if the client does not resume the
 *   session of its control connection although it has to.
 * @throws the reason for which `transfer` is aborted.
 */
export async function secureDataConnection(
  connection: Socket,
  { tls, sessionReuse, handshakeTimeoutMs = HANDSHAKE_TIMEOUT_MS }: DataProtection,
  transfer: Abortable,
): Promise<TLSSocket> {
  // The messages of a handshake are small, and each is waited for.
  connection.setNoDelay(true);
  // Transfers learn of a lost connection from their reads and writes.
  connection.on('error', () => {});
  return await handshake(connection, {
    tls,
    sessionReuse,
    transfer,
    timeoutMs: handshakeTimeoutMs,
  });
}

function handshake(
  connection: Socket,
  options: {
    readonly tls: ControlTls;
    readonly sessionReuse: SessionReuse;
    readonly transfer: Abortable;
    readonly timeoutMs: number;
  },
): Promise<TLSSocket> {
  const { tls, sessionReuse, transfer, timeoutMs } = options;
  return new Promise((resolve, reject) => {
    let secured: TLSSocket | undefined;
    let isSettled = false;
    const settle = (settlement: () => void) => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      connection.removeListener('close', failed);
      secured?.removeListener(SECURE_EVENT, done).removeListener('close', failed);
      settlement();
    };
    const fail = (error: unknown) =>
      settle(() => {
        (secured ?? connection).destroy();
        reject(error);
      });
    const failed = () =>
      fail(new TlsFailedError('The TLS handshake of the data connection failed.'));
    // Refused at once, before the server sends the tickets with which the next attempt would resume.
    const done = () => {
      const socket = secured as TLSSocket;
      const isResumed = noteResumption(socket, tls);
      if (sessionReuse !== 'require' || isResumed) settle(() => resolve(socket));
      else fail(notResumed());
    };
    const timer = setTimeout(
      () => fail(new TlsFailedError('The TLS handshake of the data connection took too long.')),
      timeoutMs,
    );
    connection.on('close', failed);
    onClientHello(connection, (hello) => {
      if (isSettled) return;
      secured = tls.secureData(connection, hello);
      watchEnd(secured);
      secured
        .on('error', () => {})
        .on(SECURE_EVENT, done)
        .on('close', failed);
    });
    transfer.onAbort(fail);
  });
}

/** @returns whether the connection has resumed the TLS session of the control connection. */
function noteResumption(socket: TLSSocket, tls: ControlTls): boolean {
  const isResumed = socket.isSessionReused();
  if (isResumed) tls.resumptionDone();
  else tls.resumptionMissed();
  return isResumed;
}

function notResumed(): TlsFailedError {
  return new TlsFailedError(
    'The data connection has to resume the TLS session of the control connection (--tls-session-reuse require).',
  );
}
