import { BlockFormatError } from '../errors/errors.ts';
import type { OctetConsumer } from './octet-reader.ts';

/** Length of a block header: the descriptor and the number of octets. */
export const HEADER_BYTES = 3;

/** Descriptor codes (RFC 959 §3.4.2). The end of a record means nothing in STRU F. */
export const END_OF_FILE = 64;
const SUSPECTED_ERRORS = 32;
const RESTART_MARKER = 16;
const UNKNOWN = 15;

/** Number of chunks that are kept apart: each chunk has a fixed cost, which is high for a single octet. */
const MAX_CHUNKS = 64;

/** Takes the octets of files out of their blocks (RFC 959 §3.4.2). */
export class BlockReader {
  #chunks: Buffer[] = [];
  #waitingBytes = 0;
  /** State of the block that is being read. */
  #descriptor = 0;
  #leftBytes = 0;

  /** Octets that arrived and were not passed on. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    if (this.#chunks.length > MAX_CHUNKS) this.#chunks = [Buffer.concat(this.#chunks)];
    this.#waitingBytes += chunk.length;
  }

  /**
   * Gives a consumer all that has come of one file, or as much as it takes.
   *
   * @throws BlockFormatError
   */
  give(consumer: Pick<OctetConsumer, 'room' | 'received'>): 'all' | 'full' | 'end of file' {
    for (;;) {
      if (this.#leftBytes > 0) {
        if (this.#waitingBytes === 0) return 'all';
        if (!this.#giveSome(consumer)) return 'full';
      } else if ((this.#descriptor & END_OF_FILE) !== 0) {
        this.#descriptor = 0;
        return 'end of file';
      } else if (!this.#readHeader()) {
        return 'all';
      }
    }
  }

  /** False if the consumer wants no more for now. */
  #giveSome(consumer: Pick<OctetConsumer, 'room' | 'received'>): boolean {
    const first = this.#chunks[0] as Buffer;
    if ((this.#descriptor & RESTART_MARKER) !== 0) {
      this.#take(Math.min(first.length, this.#leftBytes));
      return true;
    }
    const room = consumer.room();
    const bytes = Math.min(first.length, this.#leftBytes, room.length);
    room.set(first.subarray(0, bytes));
    this.#take(bytes);
    return consumer.received(bytes);
  }

  #take(bytes: number): void {
    const first = this.#chunks[0] as Buffer;
    if (bytes === first.length) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(bytes);
    this.#leftBytes -= bytes;
    this.#waitingBytes -= bytes;
  }

  /** False if it has not come yet. */
  #readHeader(): boolean {
    if (this.#waitingBytes < HEADER_BYTES) return false;
    if ((this.#chunks[0] as Buffer).length < HEADER_BYTES)
      this.#chunks = [Buffer.concat(this.#chunks)];
    const first = this.#chunks[0] as Buffer;
    this.#descriptor = first[0] as number;
    this.#leftBytes = HEADER_BYTES;
    const lengthBytes = first.readUInt16BE(1);
    this.#take(HEADER_BYTES);
    this.#leftBytes = lengthBytes;
    if ((this.#descriptor & UNKNOWN) !== 0) {
      throw new BlockFormatError('The data connection did not carry blocks (MODE B).');
    }
    if ((this.#descriptor & SUSPECTED_ERRORS) !== 0) {
      throw new BlockFormatError('A block has the error flag set.');
    }
    return true;
  }
}
