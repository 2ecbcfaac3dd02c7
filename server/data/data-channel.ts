import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type OctetConsumer, type OctetReader, readOctets } from './octet-reader.ts';

/** Data of this size and its end fit into the system's send buffer before the client has confirmed anything. */
export const SINGLE_WRITE_BYTES = 8 * 1024;

/** Time limit for the end of a brief transfer, in case the send buffer has no room after all. */
const LAST_OCTETS_MS = 10_000;

/**
 * When the final reply of a download follows its data: at once, or `apart`, once the client has closed its side of the
 * data connection or has had a moment for it.
 */
export type FinalReply = 'at once' | 'apart';

/** Long enough for a client that is at work, and short beside a transfer that is resumed. */
const CLIENT_CLOSES_MS = 50;

/** A data connection as transfers see it: how its octets look on the way is a matter of MODE (RFC 959 §3.4). */
export interface DataChannel {
  readonly isEncrypted: boolean;
  /** Resolves when the system has taken the octets. */
  send(octets: Uint8Array): Promise<void>;
  /** Sends the last octets and closes the sending side. */
  end(last?: Uint8Array): Promise<void>;
  /** Gives what the client sends to a consumer, to the end of the file. */
  receive(consumer: OctetConsumer): OctetReader;
  destroy(): void;
}

/** MODE S: the octets as they are, and the end of the connection is the end of the file (RFC 959 §3.4.1). */
export class StreamChannel implements DataChannel {
  readonly #connection: Socket;
  readonly #finalReply: FinalReply;

  constructor(connection: Socket, finalReply: FinalReply = 'at once') {
    this.#connection = connection;
    this.#finalReply = finalReply;
  }

  get isEncrypted(): boolean {
    return this.#connection instanceof TLSSocket;
  }

  send(octets: Uint8Array): Promise<void> {
    return written(this.#connection, octets);
  }

  /**
   * Without TLS, closes while the system sends the rest. The end of TLS is a message of its own (RFC 8446 §6.1), which
   * is awaited unless the transfer is brief.
   */
  async end(last?: Uint8Array): Promise<void> {
    const connection = this.#connection;
    if (last !== undefined) await written(connection, last);
    if (!this.isEncrypted) {
      if (this.#finalReply === 'apart') await closedByClient(connection);
      connection.destroy();
      return;
    }
    if (last !== undefined && last.length <= SINGLE_WRITE_BYTES) {
      connection.setTimeout(LAST_OCTETS_MS, () => connection.destroy());
      connection.destroySoon();
      return;
    }
    await new Promise<void>((resolve, reject) => {
      connection.end((error?: Error | null) => (error ? reject(error) : resolve()));
    });
  }

  receive(consumer: OctetConsumer): OctetReader {
    return readOctets(this.#connection, consumer);
  }

  destroy(): void {
    this.#connection.destroy();
  }
}

/** Ends a connection and gives its client a moment to close it, too. */
function closedByClient(connection: Socket): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, CLIENT_CLOSES_MS);
    connection.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    connection.resume().end();
  });
}

/** Resolves when the system has taken the octets. */
export function written(connection: Socket, octets: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.write(octets, (error) => (error ? reject(error) : resolve()));
  });
}
