const KIB = 1024;

/** Equal buffers, of which at most `maxBuffers` are kept for use again. */
class BufferPool {
  readonly bufferBytes: number;
  readonly #maxBuffers: number;
  readonly #free: Buffer[] = [];
  #taken = 0;

  constructor(options: { readonly bufferBytes: number; readonly maxBuffers: number }) {
    this.bufferBytes = options.bufferBytes;
    this.#maxBuffers = options.maxBuffers;
  }

  get isExhausted(): boolean {
    return this.#taken >= this.#maxBuffers;
  }

  /** Buffers lie outside Node's shared slab, and hold whatever was in memory. */
  take(): Buffer {
    this.#taken += 1;
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.bufferBytes);
  }

  give(buffer: Buffer): void {
    this.#taken -= 1;
    if (this.#free.length < this.#maxBuffers) this.#free.push(buffer);
  }
}

/** Buffers of all transfers of the process. Give a buffer back when no write uses it. */
export class TransferBuffers {
  /** For bulk data: with 1 MiB a transfer is as fast as disk and network. */
  readonly #large = new BufferPool({ bufferBytes: 1024 * KIB, maxBuffers: 64 });
  /** For the first octets of every transfer, and for complete small files. */
  readonly #small = new BufferPool({ bufferBytes: 64 * KIB, maxBuffers: 64 });

  get smallBytes(): number {
    return this.#small.bufferBytes;
  }

  takeSmall(): Buffer {
    return this.#small.take();
  }

  /** A large buffer; a small one if the number of transfers would make memory grow without bound. */
  takeLarge(): Buffer {
    return this.#large.isExhausted ? this.#small.take() : this.#large.take();
  }

  give(buffer: Buffer): void {
    const pool = buffer.length === this.#large.bufferBytes ? this.#large : this.#small;
    pool.give(buffer);
  }
}
