import type { ControlConnection } from '../connection/control-connection.ts';
import { DataConnection, type ReadInto } from './data-connection.ts';
import { type DataTarget, dataTarget } from './data-target.ts';
import { openPassive } from './open-passive.ts';
import type { Receiver } from './receiver.ts';

/** More in one write is slower, because it leaves the processor's cache, and hides whether anything moves. */
const WRITE_BYTES = 512 * 1024;

interface OpenOptions {
  readonly signal: AbortSignal | undefined;
  /** Takes what the server sends. */
  readonly receiver?: Receiver | undefined;
}

/** A data connection whose end is the end of the file (MODE S, RFC 959 §3.4.1). */
export class StreamConnection extends DataConnection {
  private constructor(control: ControlConnection, target: DataTarget, receiver?: Receiver) {
    super(control, target, receiver && readInto(receiver, () => this.socket));
  }

  static async open(
    control: ControlConnection,
    { signal, receiver }: OpenOptions,
  ): Promise<StreamConnection> {
    const connect = async (port: number) =>
      new StreamConnection(control, await dataTarget(control, port, signal), receiver);
    const connection = await openPassive(control, { signal, connect });
    try {
      await connection.connected(signal);
    } catch (error) {
      connection.destroy();
      throw error;
    }
    if (receiver !== undefined) connection.#endWith(receiver);
    return connection;
  }

  /** A receiver hears only of a connection that was opened: another may take the place of one that was not. */
  #endWith(receiver: Receiver): void {
    this.socket.on('end', () => {
      receiver.end();
      // Under TLS, close_notify has to be answered first.
      if (!this.isEncrypted) this.dismiss();
    });
    this.broken.catch((error: unknown) => receiver.fail(error));
  }

  override async send(octets: Buffer, onSent: (bytes: number) => void): Promise<void> {
    for (let at = 0; at < octets.length; at += WRITE_BYTES) {
      const part = octets.subarray(at, at + WRITE_BYTES);
      await this.write(part);
      onSent(part.length);
    }
  }

  override async end(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.socket.end(() => resolve()));
    await Promise.race([ended, this.broken]);
  }

  override release(): void {
    this.dismiss();
  }
}

/** Node reads straight into our buffers. */
function readInto(receiver: Receiver, socket: () => { resume(): void }): ReadInto {
  return {
    isOneWay: true,
    buffer: () => receiver.room(),
    callback: (bytes) => receiver.received(bytes, () => socket().resume()),
  };
}
