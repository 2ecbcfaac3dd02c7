import type { Socket } from 'node:net';
import { formatReply, type Reply } from '../contract/reply.ts';
import type { ControlConnection } from '../contract/session-context.ts';
import { TransferAbortedError } from '../errors/errors.ts';
import { plainAddress } from '../network/addresses.ts';
import type { ControlTls } from '../tls/control-tls.ts';
import { upgradeToTls } from './tls-upgrade.ts';

/** Time for the client to receive the last reply and to close its side. */
const LINGER_MS = 2000;

/** Bytes that are read and dropped after the last reply. */
const MAX_DROPPED_BYTES = 256 * 1024;

export interface ControlSocketListener {
  onData(chunk: Buffer): void;
  /** The client has closed its side; it still reads. */
  onEnd(): void;
  /** The connection is closed. */
  onClose(): void;
  onError(error: Error): void;
}

/** The socket of a control connection: writes replies, hands over what the client sends, and can be encrypted. */
export class ControlSocket implements ControlConnection {
  readonly #listener: ControlSocketListener;
  #socket: Socket;
  /** Text of the replies that are held back; undefined while none are. */
  #held: string | undefined;
  /** Address of the client, kept because a socket forgets it when it closes. */
  readonly peerAddress: string;

  constructor(socket: Socket, listener: ControlSocketListener) {
    this.#socket = socket;
    this.#listener = listener;
    this.peerAddress = plainAddress(socket.remoteAddress ?? '');
    this.#listen(socket);
  }

  /** Address that the client has connected to. */
  get localAddress(): string {
    return plainAddress(this.#socket.localAddress ?? '');
  }

  get isDestroyed(): boolean {
    return this.#socket.destroyed;
  }

  /** Whether the client must read replies before it gets more of them. */
  get needsDrain(): boolean {
    return this.#socket.writableNeedDrain;
  }

  /** Sends a reply, in one write. */
  send(answer: Reply): void {
    if (!this.#socket.writable) return;
    const text = formatReply(answer);
    if (this.#held === undefined) this.#socket.write(text);
    else this.#held += text;
  }

  /** Sends a part of a long reply, and waits until a slow client has read most of what it was sent. */
  async sendText(text: string | Uint8Array): Promise<void> {
    if (!this.#socket.writable) throw new TransferAbortedError('The control connection was lost.');
    this.#socket.write(text);
    await this.drained();
  }

  /** Resolves when the client has read most replies, or the connection is closed. */
  drained(): Promise<void> | undefined {
    if (!this.#socket.writableNeedDrain) return undefined;
    return new Promise((resolve) => {
      const socket = this.#socket;
      const done = () => {
        socket.removeListener('drain', done).removeListener('close', done);
        resolve();
      };
      if (socket.destroyed) return resolve();
      socket.on('drain', done).on('close', done);
    });
  }

  /** Holds replies back until `uncork`, so that they leave in one write. */
  cork(): void {
    this.#held ??= '';
  }

  uncork(): void {
    const text = this.#held;
    this.#held = undefined;
    if (text && this.#socket.writable) this.#socket.write(text);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Encrypts the connection (AUTH TLS); nothing more is read in clear. */
  startTls(tls: ControlTls): void {
    this.#socket = upgradeToTls(this.#socket, tls);
    this.#listen(this.#socket);
  }

  /**
   * Closes the connection after the replies that were sent. What the client still sends is read and dropped: unread
   * bytes would make the system reset the connection, and the client could lose the last replies.
   */
  end(): void {
    this.uncork();
    const socket = this.#socket;
    socket.end();
    this.#dropRest();
    const lingering = setTimeout(() => socket.destroy(), LINGER_MS).unref();
    socket.once('close', () => clearTimeout(lingering));
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Stops at a limit: reading what a client sends without end would cost others their time. */
  #dropRest(): void {
    const socket = this.#socket;
    let droppedBytes = 0;
    socket.on('data', ({ length }: Buffer) => {
      droppedBytes += length;
      if (droppedBytes > MAX_DROPPED_BYTES) socket.pause();
    });
    socket.resume();
  }

  #listen(socket: Socket): void {
    const { onData, onEnd, onClose, onError } = this.#listener;
    socket.on('data', onData).on('error', onError).once('end', onEnd).once('close', onClose);
  }
}
