import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, TLSSocket } from 'node:tls';
import { Failure } from '../../errors/failure.ts';
import type { ControlFacts } from '../connection/control-facts.ts';
import { failureForError } from '../remote-failure.ts';
import type { DataTarget } from './data-target.ts';

const CONNECT_TIMEOUT_MS = 30_000;
/** Where Node puts what it reads from a socket. */
export interface ReadInto {
  buffer(): Buffer;
  /** Reports the number of octets that have arrived; false stops reading until the socket is resumed. */
  callback(bytes: number): boolean;
  /** Whether nothing is sent over the connection. */
  readonly isOneWay?: true;
}

/** A passive data connection, to the host of the control connection or the one that the user has set: to no other. */
export abstract class DataConnection {
  /** Of TCP. */
  readonly #raw: Socket;
  /** What octets are written to and read from. */
  readonly socket: Socket;
  readonly #secured: Promise<void>;
  #isDone = false;
  /** Rejects when the connection breaks. */
  protected readonly broken: Promise<never>;

  /** Begins to connect. */
  protected constructor(control: ControlFacts, target: DataTarget, readInto?: ReadInto) {
    const { raw, socket } =
      typeof target === 'number'
        ? openSockets(control, target, readInto)
        : socketsOverTunnel(control, target, readInto);
    this.#raw = raw;
    this.socket = socket;
    this.broken = new Promise((_resolve, reject) => {
      const fail = (error: Error) => {
        reject(failureForError(error, 'The data connection broke'));
      };
      socket.on('error', fail).on('close', () => {
        if (!this.#isDone) fail(new Error('it was closed'));
      });
      if (raw !== socket) raw.on('error', fail);
    });
    this.broken.catch(() => {});
    this.#secured = socket instanceof TLSSocket ? this.#secure(socket, control) : Promise.resolve();
    this.#secured.catch(() => {});
    socket.resume();
  }

  get isEncrypted(): boolean {
    return this.socket instanceof TLSSocket;
  }

  /** Resolves when it is open, at once if it is already. */
  connected(signal: AbortSignal | undefined, timeoutMs = CONNECT_TIMEOUT_MS): Promise<void> {
    const isOpen = !this.#raw.connecting && !this.#raw.destroyed;
    return isOpen ? Promise.resolve() : connected(this.#raw, { signal, timeoutMs });
  }

  /** Resolves when data may flow: at once in clear, else after the handshake. */
  secured(): Promise<void> {
    return this.#secured;
  }

  /** Sends octets, and resolves when the system has taken them. */
  abstract send(octets: Buffer, onSent: (bytes: number) => void): Promise<void>;

  /** Closes the sending side. */
  abstract end(): Promise<void>;

  /** The transfer has ended well. */
  abstract release(): void;

  /** Breaks the connection so that the server cannot take what it has for the whole. */
  reset(): void {
    const raw = this.#raw;
    const isPlain = !(raw instanceof TLSSocket);
    // libuv does not reset what is just being shut down, and Node then never closes it.
    const isShuttingDown = raw.writableEnded && !raw.writableFinished;
    if (isPlain && !raw.destroyed && !isShuttingDown) raw.resetAndDestroy();
    this.socket.destroy();
  }

  destroy(): void {
    this.socket.destroy();
    this.#raw.destroy();
  }

  /** Closes a connection of which nothing more is expected: its end is no failure. */
  protected dismiss(): void {
    this.#isDone = true;
    this.destroy();
  }

  protected write(octets: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.write(octets, (error) => {
        if (error) reject(failureForError(error, 'The data connection broke'));
        else resolve();
      });
    });
  }

  /** The certificate must be that of the control connection, or its session be resumed. */
  async #secure(socket: TLSSocket, control: ControlFacts): Promise<void> {
    const checked = new Promise<void>((resolve, reject) => {
      // At once, before octets may come.
      socket.once('secureConnect', () => {
        const { fingerprint256 } = socket.getPeerCertificate();
        if (socket.isSessionReused() || fingerprint256 === control.fingerprint256) return resolve();
        this.reset();
        reject(new Failure('trust', 'The data connection shows another certificate.'));
      });
    });
    await Promise.race([checked, this.broken]);
  }
}

const TRANSIENT = { isTransient: true } as const;

interface Sockets {
  readonly raw: Socket;
  readonly socket: Socket;
}

function openSockets(control: ControlFacts, port: number, onread: ReadInto | undefined): Sockets {
  const host = control.passiveHost ?? control.socket.remoteAddress ?? '';
  const address = { host, port, noDelay: true };
  const reading = onread === undefined ? {} : { onread };
  if (!control.isEncrypted) {
    // What only receives is closed at once when all has come, and needs no shutdown before.
    const oneWay = onread?.isOneWay === true ? { noDelay: false, allowHalfOpen: true } : {};
    const plain = connect({ ...address, ...oneWay, ...reading });
    return { raw: plain, socket: plain };
  }
  // Node reads into our buffers only if TLS is not laid over a socket, and resets only a socket below TLS.
  const raw = onread === undefined ? connect(address) : undefined;
  const socket = startTls(
    control,
    raw === undefined ? { ...address, ...reading } : { socket: raw },
  );
  return { raw: raw ?? socket, socket };
}

function socketsOverTunnel(
  control: ControlFacts,
  raw: Socket,
  onread: ReadInto | undefined,
): Sockets {
  const socket = control.isEncrypted ? startTls(control, { socket: raw }) : raw;
  if (onread !== undefined) socket.on('data', (octets: Buffer) => passOn(socket, octets, onread));
  return { raw, socket };
}

/** Copies octets to where Node would read them, had it opened the socket for that. */
function passOn(socket: Socket, octets: Buffer, { buffer, callback }: ReadInto): void {
  for (let at = 0; at < octets.length; ) {
    const bytes = octets.copy(buffer(), 0, at);
    at += bytes;
    if (!callback(bytes)) socket.pause();
  }
}

/** TLS that resumes the session of the control connection. */
function startTls(control: ControlFacts, options: ConnectionOptions): TLSSocket {
  const session = control.tlsSessionStore;
  const resumed = session === undefined ? {} : { session };
  const socket = connectTls({ ...control.tlsOptions, ...resumed, ...options });
  socket.on('session', (next) => {
    control.tlsSessionStore = next;
  });
  return socket;
}

function connected(
  socket: Socket,
  { signal, timeoutMs }: { readonly signal: AbortSignal | undefined; readonly timeoutMs: number },
): Promise<void> {
  if (socket.readyState === 'open') return Promise.resolve();
  return new Promise<void>((resolve, reject) => {
    const refused = (error: Error) => settle(failureForError(error, 'No data connection'));
    const closed = () => refused(new Error('it was closed'));
    const left = () => settle(signal?.reason);
    const timer = setTimeout(
      () => settle(new Failure('network', 'No data connection: no answer', TRANSIENT)),
      timeoutMs,
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
