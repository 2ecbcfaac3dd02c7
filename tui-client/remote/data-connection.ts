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
  /** Of TCP. */
  readonly #raw: Socket;
  /** What octets are written to and read from. */
  readonly #socket: Socket;
  readonly #secured: Promise<void>;
  /** Rejects when the connection breaks. */
  readonly #broken: Promise<never>;

  private constructor({ raw, socket }: Sockets, control: ControlConnection) {
    this.#raw = raw;
    this.#socket = socket;
    this.#broken = new Promise((_resolve, reject) => {
      const fail = (error: Error) => {
        reject(failureForError(error, 'The data connection broke'));
      };
      raw.on('error', fail);
      socket.on('error', fail).on('close', () => fail(new Error('it was closed')));
    });
    this.#broken.catch(() => {});
    this.#secured = socket instanceof TLSSocket ? this.#secure(socket, control) : Promise.resolve();
    this.#secured.catch(() => {});
    socket.resume();
  }

  /** Begins to connect. */
  static begin(control: ControlConnection, port: number, receiver?: Receiver): DataConnection {
    const sockets = openSockets(control, port, receiver);
    const connection = new DataConnection(sockets, control);
    if (receiver !== undefined) {
      sockets.socket.on('end', () => receiver.end());
      connection.#broken.catch((error: unknown) => receiver.fail(error));
    }
    return connection;
  }

  static async open(
    control: ControlConnection,
    { signal, receiver }: OpenOptions,
  ): Promise<DataConnection> {
    const connection = DataConnection.begin(control, await passivePort(control, signal), receiver);
    try {
      await connected(connection.#raw, signal);
    } catch (error) {
      connection.destroy();
      throw error;
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
    return this.#socket instanceof TLSSocket;
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
    const isPlain = !(this.#raw instanceof TLSSocket);
    if (isPlain && !this.#raw.destroyed) this.#raw.resetAndDestroy();
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

  /** The certificate must be that of the control connection, or its session be carried on. */
  async #secure(socket: TLSSocket, control: ControlConnection): Promise<void> {
    const checked = new Promise<void>((resolve, reject) => {
      // At once, before octets may come.
      socket.once('secureConnect', () => {
        const { fingerprint256 } = socket.getPeerCertificate();
        if (socket.isSessionReused() || fingerprint256 === control.fingerprint256) return resolve();
        this.reset();
        reject(new Failure('trust', 'The data connection shows another certificate.'));
      });
    });
    await Promise.race([checked, this.#broken]);
  }
}

const TRANSIENT = { isTransient: true } as const;

interface Sockets {
  readonly raw: Socket;
  readonly socket: Socket;
}

function openSockets(
  control: ControlConnection,
  port: number,
  receiver: Receiver | undefined,
): Sockets {
  const host = control.socket.remoteAddress ?? '';
  const address = { host, port, noDelay: true, keepAlive: true };
  const reading = (socket: () => Socket) =>
    receiver === undefined ? {} : { onread: readInto(receiver, socket) };
  if (!control.isEncrypted) {
    const plain: Socket = connect({ ...address, ...reading(() => plain) });
    return { raw: plain, socket: plain };
  }
  const session = control.tlsSessionStore;
  const tlsOptions = { ...control.tlsOptions, ...(session !== undefined && { session }) };
  // Node reads into our buffers only if TLS is not laid over a socket, and resets only a socket below TLS.
  const raw = receiver === undefined ? connect(address) : undefined;
  const socket: TLSSocket = connectTls({
    ...tlsOptions,
    ...(raw === undefined ? { ...address, ...reading(() => socket) } : { socket: raw }),
  });
  socket.on('session', (next) => {
    control.tlsSessionStore = next;
  });
  return { raw: raw ?? socket, socket };
}

/** Node reads straight into our buffers. */
function readInto(receiver: Receiver, socket: () => Socket) {
  return {
    buffer: () => receiver.room(),
    callback: (bytes: number) => receiver.received(bytes, () => void socket().resume()),
  };
}

function connected(socket: Socket, signal: AbortSignal | undefined): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const refused = (error: Error) => settle(failureForError(error, 'No data connection'));
    const closed = () => refused(new Error('it was closed'));
    const left = () => settle(signal?.reason);
    const timer = setTimeout(
      () => settle(new Failure('network', 'No data connection: no answer', TRANSIENT)),
      CONNECT_TIMEOUT_MS,
    );
    const settle = (failure?: unknown) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', left);
      socket.off('error', refused).off('close', closed);
      if (failure === undefined) resolve();
      else reject(failure);
    };
    socket
      .once('connect', () => settle())
      .once('error', refused)
      .once('close', closed);
    signal?.addEventListener('abort', left);
  });
}
