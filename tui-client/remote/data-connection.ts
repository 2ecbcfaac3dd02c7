import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { Failure } from '../failure.ts';
import type { ControlConnection } from './control-connection.ts';
import { passivePort } from './passive-address.ts';
import type { Receiver } from './receiver.ts';
import { failureForError } from './remote-failure.ts';

const CONNECT_TIMEOUT_MS = 30_000;
/** More in one write is slower, because it leaves the processor's cache, and hides whether anything moves. */
const WRITE_BYTES = 512 * 1024;

interface OpenOptions {
  readonly signal: AbortSignal | undefined;
  /** Takes what the server sends. */
  readonly receiver?: Receiver | undefined;
}

/** A passive data connection, to the host of the control connection and to no other. */
export class DataConnection {
  readonly #raw: Socket;
  /** The same, or TLS over it. */
  readonly #socket: Socket;
  readonly #secured: Promise<void>;
  /** Rejects when the connection breaks. */
  readonly #broken: Promise<never>;

  private constructor(raw: Socket, control: ControlConnection, receiver: Receiver | undefined) {
    this.#raw = raw;
    this.#socket = control.isEncrypted ? encrypt(raw, control) : raw;
    this.#broken = new Promise((_resolve, reject) => {
      const fail = (error: Error) => {
        reject(failureForError(error, 'The data connection broke'));
      };
      this.#raw.on('error', fail);
      this.#socket.on('error', fail).on('close', () => fail(new Error('it was closed')));
    });
    this.#broken.catch(() => {});
    this.#secured = this.#socket instanceof TLSSocket ? this.#secure(control) : Promise.resolve();
    this.#secured.catch(() => {});
    if (receiver !== undefined) this.#feed(receiver);
    else this.#socket.resume();
  }

  static async open(
    control: ControlConnection,
    { signal, receiver }: OpenOptions,
  ): Promise<DataConnection> {
    const port = await passivePort(control, signal);
    const { remoteAddress: host = '' } = control.socket;
    const raw: Socket = connect({
      port,
      host,
      noDelay: true,
      keepAlive: true,
      ...(receiver !== undefined &&
        !control.isEncrypted && { onread: readInto(receiver, () => raw) }),
    });
    const connection = new DataConnection(raw, control, receiver);
    const timeout = AbortSignal.timeout(CONNECT_TIMEOUT_MS);
    try {
      await once(raw, 'connect', { signal: anySignal(signal, timeout) });
    } catch (error) {
      connection.destroy();
      signal?.throwIfAborted();
      if (timeout.aborted) throw new Failure('network', 'No data connection: no answer', TRANSIENT);
      throw failureForError(errorOf(error), 'No data connection');
    }
    return connection;
  }

  get socket(): Socket {
    return this.#socket;
  }

  /** Resolves when data may flow: at once in clear, else after the handshake. */
  secured(): Promise<void> {
    return this.#secured;
  }

  get isEncrypted(): boolean {
    return this.#socket !== this.#raw;
  }

  /** Sends octets, and resolves when the system has taken them. */
  async send(octets: Buffer, onSent: (bytes: number) => void): Promise<void> {
    for (let at = 0; at < octets.length; at += WRITE_BYTES) {
      const part = octets.subarray(at, at + WRITE_BYTES);
      await this.#write(part);
      onSent(part.length);
    }
  }

  /** Tells the server that there are no more. */
  async end(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#socket.end(() => resolve()));
    await Promise.race([ended, this.#broken]);
  }

  /** Breaks the connection so that the server cannot take what it has for the whole. */
  reset(): void {
    if (!this.#raw.destroyed) this.#raw.resetAndDestroy();
    this.#socket.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
    this.#raw.destroy();
  }

  #write(octets: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(octets, (error) => {
        if (error) reject(failureForError(error, 'The data connection broke'));
        else resolve();
      });
    });
  }

  #feed(receiver: Receiver): void {
    const socket = this.#socket;
    if (socket instanceof TLSSocket)
      socket.on('data', (chunk) => copyInto(receiver, socket, chunk));
    else socket.resume();
    socket.on('end', () => receiver.end());
    this.#broken.catch((error: unknown) => receiver.fail(error));
  }

  /** The certificate must be that of the control connection, or its session be carried on. */
  async #secure(control: ControlConnection): Promise<void> {
    const socket = this.#socket as TLSSocket;
    await Promise.race([once(socket, 'secureConnect'), this.#broken]);
    const isSame =
      socket.isSessionReused() ||
      socket.getPeerCertificate().fingerprint256 === control.fingerprint256;
    if (isSame) return;
    this.reset();
    throw new Failure('trust', 'The data connection shows another certificate than the server.');
  }
}

const TRANSIENT = { isTransient: true } as const;

function encrypt(raw: Socket, control: ControlConnection): TLSSocket {
  const session = control.tlsSessionStore;
  const socket = connectTls({
    ...control.tlsOptions,
    socket: raw,
    ...(session !== undefined && { session }),
  });
  socket.on('session', (next) => {
    control.tlsSessionStore = next;
  });
  return socket;
}

/** `net` reads straight into our buffers. */
function readInto(receiver: Receiver, socket: () => Socket) {
  return {
    buffer: () => receiver.room(),
    callback: (bytes: number) => receiver.received(bytes, () => void socket().resume()),
  };
}

/** TLS hands out chunks of its own. */
function copyInto(receiver: Receiver, socket: Socket, chunk: Buffer): void {
  let isToGoOn = true;
  for (let rest = chunk; rest.length > 0; ) {
    const room = receiver.room();
    const bytes = rest.copy(room);
    rest = rest.subarray(bytes);
    isToGoOn = receiver.received(bytes, () => void socket.resume());
  }
  if (!isToGoOn) socket.pause();
}

function anySignal(signal: AbortSignal | undefined, timeout: AbortSignal): AbortSignal {
  return signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
}

/** `once` wraps nothing but an abort. */
function errorOf(error: unknown): unknown {
  return (error as Error).name === 'AbortError' ? ((error as Error).cause ?? error) : error;
}
