import type { DataConnection } from './data-connection.ts';
import type { OctetSource } from './transfer-connection.ts';

/** Under TLS each write costs; smaller chunks are sent together. */
const GATHERED_BYTES = 256 * 1024;

interface SenderOptions {
  readonly onSent: (bytes: number) => void;
  /** Most octets to gather; undefined for as many as are fast. */
  readonly pieceBytes?: (() => number | undefined) | undefined;
}

/** Sends what a source gives. A chunk is over when the source is asked for the next one. */
export class Sender {
  readonly #source: OctetSource;
  readonly #onSent: (bytes: number) => void;
  readonly #pieceBytes: () => number | undefined;
  #isReading = false;

  constructor(source: OctetSource, options: SenderOptions) {
    this.#source = source;
    this.#onSent = options.onSent;
    this.#pieceBytes = options.pieceBytes ?? (() => undefined);
  }

  /** Whether it is the source that is waited for. */
  get isReading(): boolean {
    return this.#isReading;
  }

  async send(data: DataConnection): Promise<void> {
    this.#isReading = true;
    for await (const octets of data.isEncrypted ? this.#gathered() : this.#source) {
      this.#isReading = false;
      await data.send(octets, this.#onSent);
      this.#isReading = true;
    }
    this.#isReading = false;
    await data.end();
  }

  /** Nothing is gathered while the rate is limited. */
  async *#gathered(): AsyncGenerator<Buffer> {
    yield* gathered(this.#source, () => this.#pieceBytes() ?? GATHERED_BYTES);
  }
}

async function* gathered(source: OctetSource, most: () => number): AsyncGenerator<Buffer> {
  let buffer: Buffer | undefined;
  let filledBytes = 0;
  for await (const octets of source) {
    if (filledBytes + octets.length > most() && filledBytes > 0) {
      yield (buffer as Buffer).subarray(0, filledBytes);
      filledBytes = 0;
    }
    if (octets.length >= most()) {
      yield octets;
    } else {
      buffer ??= Buffer.allocUnsafeSlow(GATHERED_BYTES);
      filledBytes += octets.copy(buffer, filledBytes);
    }
  }
  if (buffer !== undefined && filledBytes > 0) yield buffer.subarray(0, filledBytes);
}
