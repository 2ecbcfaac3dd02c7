import { Failure } from '../../errors/failure.ts';
import type { ControlFacts } from '../connection/control-facts.ts';
import { DataConnection } from './data-connection.ts';
import type { DataTarget } from './data-target.ts';
import type { Receiver } from './receiver.ts';

/** Of a block: its descriptor, and how many octets follow. */
const HEADER_BYTES = 3;

const MAX_BLOCK_BYTES = 65_535;

/** What a descriptor says of its block. */
const END_OF_FILE = 64;
const END_OF_RECORD = 128;

const READ_BYTES = 64 * 1024;

/** Routers forget connections that rest, and what is sent over them is lost. */
const MAX_REST_MS = 10_000;

/**
 * A data connection on which blocks tell where a file ends, and that stays for the next file (MODE B, RFC 959
 * §3.4.2).
 */
export class BlockConnection extends DataConnection {
  /** Of the block that is being read. */
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerBytes = 0;
  #leftBytes = 0;
  #receiver: Receiver | undefined;
  /** Held back, because it may turn out to be the last of its file. */
  #block: Buffer | undefined;
  #usedMs = Date.now();

  constructor(control: ControlFacts, target: DataTarget) {
    const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
    super(control, target, {
      buffer: () => buffer,
      callback: (bytes) => this.#arrived(buffer.subarray(0, bytes)),
    });
    this.broken.catch((error: unknown) => this.#receiver?.fail(error));
  }

  /** Whether it can serve another transfer. */
  get isFresh(): boolean {
    const { destroyed, writable, readableEnded } = this.socket;
    return !destroyed && writable && !readableEnded && Date.now() - this.#usedMs < MAX_REST_MS;
  }

  /** Takes the next file that the server sends. */
  receive(receiver: Receiver): void {
    this.#receiver = receiver;
  }

  override async send(octets: Buffer, onSent: (bytes: number) => void): Promise<void> {
    for (let at = 0; at < octets.length; at += MAX_BLOCK_BYTES) {
      const part = octets.subarray(at, at + MAX_BLOCK_BYTES);
      const before = this.#block;
      this.#block = blockOf(part);
      if (before !== undefined) await this.write(before);
      onSent(part.length);
    }
  }

  override async end(): Promise<void> {
    const last = this.#block ?? blockOf(Buffer.alloc(0));
    this.#block = undefined;
    last[0] = END_OF_FILE;
    await this.write(last);
  }

  override release(): void {
    this.#usedMs = Date.now();
  }

  #arrived(octets: Buffer): boolean {
    let mayGoOn = true;
    for (let at = 0; at < octets.length; ) {
      const receiver = this.#receiver;
      if (receiver === undefined) return this.#fail('The server sends data without a request.');
      if (this.#leftBytes === 0) {
        this.#header[this.#headerBytes] = octets[at] as number;
        this.#headerBytes += 1;
        at += 1;
        if (this.#headerBytes < HEADER_BYTES) continue;
        this.#headerBytes = 0;
        this.#leftBytes = this.#header.readUInt16BE(1);
        const isKnown = ((this.#header[0] as number) & ~(END_OF_FILE | END_OF_RECORD)) === 0;
        if (!isKnown)
          return this.#fail('The server sends a block that is marked as bad or unknown.');
      } else {
        const room = receiver.room();
        const bytes = Math.min(this.#leftBytes, octets.length - at, room.length);
        octets.copy(room, 0, at, at + bytes);
        at += bytes;
        this.#leftBytes -= bytes;
        mayGoOn = receiver.received(bytes, () => this.socket.resume());
      }
      const isLast = ((this.#header[0] as number) & END_OF_FILE) !== 0;
      if (!isLast || this.#leftBytes > 0) continue;
      this.#header[0] = 0;
      this.#receiver = undefined;
      receiver.end();
    }
    return mayGoOn;
  }

  #fail(why: string): false {
    const failure = new Failure('protocol', why);
    this.#receiver?.fail(failure);
    this.socket.destroy(failure);
    return false;
  }
}

function blockOf(octets: Buffer): Buffer {
  const block = Buffer.allocUnsafe(HEADER_BYTES + octets.length);
  block[0] = 0;
  block.writeUInt16BE(octets.length, 1);
  octets.copy(block, HEADER_BYTES);
  return block;
}
