import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { BlockReader, END_OF_FILE, HEADER_BYTES } from './block-reader.ts';
import { type DataChannel, written } from './data-channel.ts';
import type { OctetConsumer, OctetReader } from './octet-reader.ts';

const MAX_BLOCK_BYTES = 65_535;

const NOTHING = Buffer.alloc(0);

/** Data up to this size is copied after its header, because one write is cheaper than two. */
const COALESCE_BELOW_BYTES = 32 * 1024;

/** Octets of an upload that has not started may wait up to this limit; the rest waits at the client. */
const AHEAD_BYTES = 64 * 1024;

/**
 * MODE B: blocks mark the end of a file, and the data connection stays open for the next file (RFC 959 §3.4.2). For
 * small files, opening a data connection for each of them is most of the work, above all with TLS.
 */
export class BlockChannel implements DataChannel {
  readonly #connection: Socket;
  readonly #reader = new BlockReader();
  #consumer: OctetConsumer | undefined;
  /** The consumer wants no more for now. */
  #isFull = false;
  /** The client sends nothing more. */
  #hasEnded = false;

  constructor(connection: Socket) {
    this.#connection = connection;
    connection.setNoDelay(true);
    connection.pause();
    connection.on('data', (chunk: Buffer) => this.#arrived(chunk));
    connection.on('end', () => this.#closed());
    connection.on('close', () => this.#closed());
    connection.resume();
  }

  get isEncrypted(): boolean {
    return this.#connection instanceof TLSSocket;
  }

  async send(octets: Uint8Array): Promise<void> {
    for (let at = 0; at < octets.length; at += MAX_BLOCK_BYTES) {
      await this.#sendBlock(0, octets.subarray(at, at + MAX_BLOCK_BYTES));
    }
  }

  async end(last: Uint8Array = NOTHING): Promise<void> {
    const atBytes = Math.max(0, last.length - MAX_BLOCK_BYTES);
    if (atBytes > 0) await this.send(last.subarray(0, atBytes));
    await this.#sendBlock(END_OF_FILE, last.subarray(atBytes));
  }

  receive(consumer: OctetConsumer): OctetReader {
    this.#consumer = consumer;
    const resume = () => {
      this.#isFull = false;
      this.#connection.resume();
      this.#deliver();
    };
    // Octets that arrived early are passed on when the consumer has its reader.
    queueMicrotask(resume);
    return {
      comesInPieces: true,
      stop: () => void this.#connection.pause(),
      resume,
      end: () => {},
      destroy: () => this.destroy(),
    };
  }

  destroy(): void {
    this.#connection.destroy();
  }

  #sendBlock(descriptor: number, octets: Uint8Array): Promise<void> {
    const isCopied = octets.length <= COALESCE_BELOW_BYTES;
    const block = Buffer.allocUnsafe(isCopied ? HEADER_BYTES + octets.length : HEADER_BYTES);
    block[0] = descriptor;
    block.writeUInt16BE(octets.length, 1);
    if (isCopied) {
      block.set(octets, HEADER_BYTES);
      return written(this.#connection, block);
    }
    this.#connection.cork();
    this.#connection.write(block);
    const done = written(this.#connection, octets);
    this.#connection.uncork();
    return done;
  }

  #arrived(chunk: Buffer): void {
    this.#reader.push(chunk);
    if (this.#consumer !== undefined) this.#deliver();
    else if (this.#reader.waitingBytes > AHEAD_BYTES) this.#connection.pause();
  }

  #deliver(): void {
    const consumer = this.#consumer;
    if (consumer === undefined) return;
    try {
      switch (this.#reader.give(consumer)) {
        case 'end of file':
          this.#consumer = undefined;
          consumer.ended('block');
          break;
        case 'full':
          this.#isFull = true;
          this.#connection.pause();
          break;
        case 'all':
          if (this.#hasEnded || this.#connection.destroyed) this.#fail(lost());
          break;
      }
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  /** Within a file: the client, or what is between, is gone. */
  #closed(): void {
    this.#hasEnded = true;
    // The octets that arrived may be the complete file.
    if (!this.#isFull) this.#fail(lost());
  }

  #fail(error: Error): void {
    const consumer = this.#consumer;
    this.#consumer = undefined;
    this.destroy();
    consumer?.failed(error);
  }
}

function lost(): Error {
  return Object.assign(new Error('closed'), { code: 'ERR_SOCKET_CLOSED' });
}
