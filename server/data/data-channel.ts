import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type OctetConsumer, type OctetReader, readOctets } from './octet-reader.ts';

/** A data connection as transfers see it: how its octets look on the way is a matter of MODE (RFC 959 §3.4). */
export interface DataChannel {
  readonly isEncrypted: boolean;
  /** Resolves when the system has taken the octets. */
  send(octets: Uint8Array): Promise<void>;
  /** Sends the last octets, and tells the client that there are no more. */
  end(last?: Uint8Array): Promise<void>;
  /** Gives what the client sends to a consumer, to the end of the file. */
  receive(consumer: OctetConsumer): OctetReader;
  destroy(): void;
}

/** MODE S: the octets as they are, and the end of the connection is the end of the file (RFC 959 §3.4.1). */
export class StreamChannel implements DataChannel {
  readonly #connection: Socket;

  constructor(connection: Socket) {
    this.#connection = connection;
  }

  get isEncrypted(): boolean {
    return this.#connection instanceof TLSSocket;
  }

  send(octets: Uint8Array): Promise<void> {
    return written(this.#connection, octets);
  }

  /**
   * Closes in clear, while the system goes on sending what it has; under TLS the end is a message of its own
   * (RFC 8446 §6.1).
   */
  async end(last?: Uint8Array): Promise<void> {
    const connection = this.#connection;
    if (last !== undefined) await written(connection, last);
    if (!this.isEncrypted) {
      connection.destroy();
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

/** Resolves when the system has taken the octets. */
export function written(connection: Socket, octets: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.write(octets, (error) => (error ? reject(error) : resolve()));
  });
}
