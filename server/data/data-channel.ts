import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type OctetConsumer, type OctetReader, readOctets } from './octet-reader.ts';

/** So much, and what ends it, fits what the system sends before the client has confirmed anything. */
export const BRIEF_BYTES = 8 * 1024;

/** The system has room for the end of a brief transfer; should it ever not have, nobody waits for longer. */
const LAST_OCTETS_MS = 10_000;

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
   * (RFC 8446 §6.1), which is waited for unless the transfer is brief.
   */
  async end(last?: Uint8Array): Promise<void> {
    const connection = this.#connection;
    if (last !== undefined) await written(connection, last);
    if (!this.isEncrypted) {
      connection.destroy();
      return;
    }
    if (last !== undefined && last.length <= BRIEF_BYTES) {
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

/** Resolves when the system has taken the octets. */
export function written(connection: Socket, octets: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.write(octets, (error) => (error ? reject(error) : resolve()));
  });
}
