import type { DataConnection } from './data-connection.ts';
import type { OctetSource } from './transfer-connection.ts';

/** Under TLS each write costs; smaller chunks are sent together. */
const GATHERED_BYTES = 256 * 1024;

/** Sends what a source gives. A chunk is over when the source is asked for the next one. */
export class Sender {
  readonly #source: OctetSource;
  readonly #onSent: (bytes: number) => void;
  #isReading = false;

  constructor(source: OctetSource, onSent: (bytes: number) => void) {
    this.#source = source;
    this.#onSent = onSent;
  }

  /** Whether it is the source that is waited for. */
  get isReading(): boolean {
    return this.#isReading;
  }

  async send(data: DataConnection): Promise<void> {
    this.#isReading = true;
    for await (const octets of data.isEncrypted ? gathered(this.#source) : this.#source) {
      this.#isReading = false;
      await data.send(octets, this.#onSent);
      this.#isReading = true;
    }
    this.#isReading = false;
    await data.end();
  }
}

async function* gathered(source: OctetSource): AsyncGenerator<Buffer> {
  let buffer: Buffer | undefined;
  let filledBytes = 0;
  for await (const octets of source) {
    if (filledBytes + octets.length > GATHERED_BYTES && filledBytes > 0) {
      yield (buffer as Buffer).subarray(0, filledBytes);
      filledBytes = 0;
    }
    if (octets.length >= GATHERED_BYTES) {
      yield octets;
    } else {
      buffer ??= Buffer.allocUnsafeSlow(GATHERED_BYTES);
      filledBytes += octets.copy(buffer, filledBytes);
    }
  }
  if (buffer !== undefined && filledBytes > 0) yield buffer.subarray(0, filledBytes);
}
