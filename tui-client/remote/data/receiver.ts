import type { OctetSink } from './transfer-connection.ts';

interface Segment {
  readonly buffer: Buffer;
  filledBytes: number;
  takenBytes: number;
}

interface ReceiverOptions {
  readonly sink: OctetSink;
  readonly bufferBytes: number;
  /** Of all that will come, as far as it is known. */
  readonly expectedBytes?: number | undefined;
  /** Called with the octets of each read. */
  readonly onReceived?: (bytes: number) => void;
}

/** Of the first buffer: most files are small, and memory that was never touched is slow. */
const FIRST_BUFFER_BYTES = 32 * 1024;

/** Room for files that are a little longer than expected. */
const SPARE_BYTES = 1024;

/** Number of full buffers that may wait for the sink before the server has to. */
const MAX_FULL_BUFFERS = 2;

/**
 * Gathers what a data connection brings in large buffers and gives it to a sink, the next octets while the
 * sink is busy with the last.
 */
export class Receiver {
  readonly #options: ReceiverOptions;
  readonly #segments: Segment[] = [];
  readonly #spare: Buffer[] = [];
  #last: Segment;
  #isTaking = false;
  #hasEnded = false;
  #resume: (() => void) | undefined;
  #settle: { resolve(): void; reject(error: unknown): void } = { resolve() {}, reject() {} };
  #failure: { readonly error: unknown } | undefined;
  #receivedBytes = 0;
  /** Resolves when all octets are taken; rejects as soon as the sink fails, or `fail` is called. */
  readonly done: Promise<void>;

  constructor(options: ReceiverOptions) {
    this.#options = options;
    const { bufferBytes, expectedBytes = Infinity } = options;
    const wantedBytes = expectedBytes + expectedBytes / 8 + SPARE_BYTES;
    this.#last = this.#append(Math.min(FIRST_BUFFER_BYTES, bufferBytes, Math.ceil(wantedBytes)));
    this.done = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.done.catch(() => {});
  }

  /** Octets that have come, taken by the sink or not. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** Whether the sender has ended the connection in order. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Whether it is the sink that is waited for. */
  get isTaking(): boolean {
    return this.#isTaking;
  }

  /** Where the next octets go; never empty. */
  room(): Buffer {
    return this.#last.buffer.subarray(this.#last.filledBytes);
  }

  /** Reports the octets that were read; false if no more may come until `resume` is called. */
  received(bytes: number, resume: () => void): boolean {
    if (this.#failure !== undefined || this.#hasEnded) return false;
    this.#last.filledBytes += bytes;
    this.#receivedBytes += bytes;
    this.#options.onReceived?.(bytes);
    if (isNearlyFull(this.#last)) this.#last = this.#append();
    this.#take();
    if (this.#segments.length <= MAX_FULL_BUFFERS) return true;
    this.#resume = resume;
    return false;
  }

  /** No more octets will come. */
  end(): void {
    this.#hasEnded = true;
    this.#take();
  }

  /** No effect after the end was reported. */
  fail(error: unknown): void {
    if (this.#failure !== undefined || this.#hasEnded) return;
    this.#failure = { error };
    if (!this.#isTaking) this.#settle.reject(error);
  }

  #take(): void {
    if (this.#isTaking || this.#failure !== undefined) return;
    for (;;) {
      const [first] = this.#segments;
      if (first === undefined || first.takenBytes === first.filledBytes) break;
      const endBytes = first.filledBytes;
      const taking = this.#give(first.buffer.subarray(first.takenBytes, endBytes));
      if (taking !== undefined) {
        this.#isTaking = true;
        taking.then(
          () => this.#taken(first, endBytes),
          (error: unknown) => this.#sinkFailed(error),
        );
        return;
      }
      this.#forget(first, endBytes);
    }
    if (this.#hasEnded) this.#settle.resolve();
  }

  #give(octets: Buffer): Promise<void> | undefined {
    try {
      return this.#options.sink(octets);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #taken(segment: Segment, endBytes: number): void {
    this.#isTaking = false;
    if (this.#failure !== undefined) {
      this.#settle.reject(this.#failure.error);
      return;
    }
    this.#forget(segment, endBytes);
    this.#take();
  }

  #sinkFailed(error: unknown): void {
    this.#isTaking = false;
    this.#failure ??= { error };
    this.#settle.reject(this.#failure.error);
  }

  #forget(segment: Segment, endBytes: number): void {
    segment.takenBytes = endBytes;
    if (segment === this.#last || endBytes < segment.filledBytes) return;
    this.#segments.shift();
    if (segment.buffer.length === this.#options.bufferBytes) this.#spare.push(segment.buffer);
    if (this.#segments.length > MAX_FULL_BUFFERS) return;
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }

  #append(bytes = this.#options.bufferBytes): Segment {
    const buffer = this.#spare.pop() ?? Buffer.allocUnsafeSlow(bytes);
    const segment = { buffer, filledBytes: 0, takenBytes: 0 };
    this.#segments.push(segment);
    return segment;
  }
}

/** Little enough room for short reads that it is better to begin another buffer. */
function isNearlyFull({ buffer, filledBytes }: Segment): boolean {
  return buffer.length - filledBytes < buffer.length / 16;
}
