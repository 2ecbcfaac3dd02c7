import type { TransferBuffers } from './buffer-pool.ts';
import type { DataChannel } from './data-channel.ts';
import type { DataEnd, OctetReader } from './octet-reader.ts';
import type { Transfer } from './transfer.ts';

/** Takes received octets, in order. The next octets are passed on when the last ones have been written. */
export interface OctetSink {
  write(octets: Buffer): Promise<void>;
}

/**
 * Number of buffers that wait to be written, including the one that is being written, at which the client has to wait.
 */
const MAX_FULL_BUFFERS = 3;

/** Octets of TLS records are gathered up to this size or time. */
const WORTH_WRITING_BYTES = 256 * 1024;
const WAIT_MS = 100;

/** Delay before the data connection is closed after a failed write, so that the client reads the reply first. */
const CLOSE_AFTER_ERROR_REPLY_MS = 100;

interface Segment {
  readonly buffer: Buffer;
  filledBytes: number;
  writtenBytes: number;
}

/**
 * Moves all octets of a file from a data connection to a sink. Resolves when the octets have ended and every one is
 * written, with the way in which they have ended; rejects if the connection breaks, a write fails or the transfer is
 * aborted.
 *
 * While a write is in flight its buffer is filled on; when little room is left the next buffer takes
 * over; when all are full the client has to wait.
 */
export function receive(
  channel: DataChannel,
  sink: OctetSink,
  parts: { transfer: Transfer; buffers: TransferBuffers },
): Promise<DataEnd> {
  return new Promise((resolve, reject) => {
    new Receiver(sink, parts, { resolve, reject }).start(channel);
  });
}

class Receiver {
  readonly #sink: OctetSink;
  readonly #transfer: Transfer;
  readonly #buffers: TransferBuffers;
  readonly #settle: { resolve(how: DataEnd): void; reject(error: unknown): void };
  readonly #segments: Segment[] = [];
  /** The one that is being filled. */
  #last: Segment;
  #reader: OctetReader | undefined;
  #isWriting = false;
  #waiting: NodeJS.Timeout | undefined;
  #isPaused = false;
  /** Runs while the rate lets nothing more be read. */
  #rateTimer: NodeJS.Timeout | undefined;
  #isGivingUp = false;
  #state: 'receiving' | 'ended' | 'over' = 'receiving';
  #how: DataEnd = 'connection';
  #failure: { readonly error: unknown } | undefined;

  constructor(
    sink: OctetSink,
    { transfer, buffers }: { transfer: Transfer; buffers: TransferBuffers },
    settle: { resolve(how: DataEnd): void; reject(error: unknown): void },
  ) {
    this.#sink = sink;
    this.#transfer = transfer;
    this.#buffers = buffers;
    this.#settle = settle;
    this.#last = { buffer: buffers.takeSmall(), filledBytes: 0, writtenBytes: 0 };
    this.#segments.push(this.#last);
  }

  start(channel: DataChannel): void {
    this.#transfer.detachConnection();
    this.#reader = channel.receive({
      room: () => this.#room(),
      received: (bytes) => this.#received(bytes),
      ended: (how) => this.#end(how),
      failed: (error) => this.#fail(error),
    });
    this.#transfer.onAbort((reason) => this.#fail(reason));
  }

  /** Never empty: a buffer that is nearly full has been followed by another. */
  #room(): Uint8Array {
    const { buffer, filledBytes } = this.#last;
    const portionBytes = this.#transfer.pacing?.up.portionBytes ?? Infinity;
    return buffer.subarray(filledBytes, filledBytes + portionBytes);
  }

  #received(bytes: number): boolean {
    if (this.#state !== 'receiving') return false;
    this.#last.filledBytes += bytes;
    this.#transfer.moved(bytes);
    if (isNearlyFull(this.#last)) this.#append(this.#buffers.takeLarge());
    this.#write();
    this.#keepRate(bytes);
    this.#isPaused = this.#segments.length > MAX_FULL_BUFFERS || this.#rateTimer !== undefined;
    return !this.#isPaused;
  }

  /** Lets the client wait as long as the rate of uploads demands. */
  #keepRate(bytes: number): void {
    const pacer = this.#transfer.pacing?.up;
    if (pacer === undefined || pacer.portionBytes === Infinity) return;
    const waitMs = pacer.waitMs(bytes);
    if (waitMs === 0) return;
    clearTimeout(this.#rateTimer);
    this.#rateTimer = setTimeout(() => {
      this.#rateTimer = undefined;
      this.#resumeIfPossible();
    }, waitMs);
  }

  #resumeIfPossible(): void {
    if (!this.#isPaused || this.#rateTimer !== undefined || this.#state !== 'receiving') return;
    if (this.#segments.length > MAX_FULL_BUFFERS) return;
    this.#isPaused = false;
    this.#reader?.resume();
  }

  #append(buffer: Buffer): void {
    this.#last = { buffer, filledBytes: 0, writtenBytes: 0 };
    this.#segments.push(this.#last);
  }

  #write({ mayWait = true } = {}): void {
    if (this.#isWriting) return;
    const first = this.#segments[0];
    if (first === undefined || first.writtenBytes === first.filledBytes) {
      if (this.#state === 'ended') this.#finish();
      return;
    }
    if (mayWait && this.#isWorthWaiting(first)) {
      this.#waiting ??= setTimeout(() => {
        this.#waiting = undefined;
        this.#write({ mayWait: false });
      }, WAIT_MS);
      return;
    }
    const endBytes = first.filledBytes;
    this.#isWriting = true;
    this.#sink.write(first.buffer.subarray(first.writtenBytes, endBytes)).then(
      () => this.#written(first, endBytes),
      (error: unknown) => this.#writeFailed(error),
    );
  }

  /** Writing each TLS record by itself takes longer than decrypting it. */
  #isWorthWaiting(first: Segment): boolean {
    if (!this.#reader?.comesInPieces || this.#state !== 'receiving') return false;
    return first === this.#last && first.filledBytes - first.writtenBytes < WORTH_WRITING_BYTES;
  }

  #written(first: Segment, endBytes: number): void {
    this.#isWriting = false;
    first.writtenBytes = endBytes;
    if (first !== this.#last && first.writtenBytes === first.filledBytes) {
      this.#segments.shift();
      this.#buffers.give(first.buffer);
    }
    this.#write();
    this.#resumeIfPossible();
  }

  #writeFailed(error: unknown): void {
    this.#isWriting = false;
    this.#isGivingUp = this.#failure === undefined;
    this.#failure ??= { error };
    this.#finish();
  }

  #end(how: DataEnd): void {
    if (this.#state !== 'receiving') return;
    this.#how = how;
    this.#state = 'ended';
    this.#write();
  }

  /** Octets that have arrived are written even after a failure: the client may resume after them. */
  #fail(error: unknown): void {
    if (this.#failure !== undefined || this.#state === 'over') return;
    this.#failure = { error };
    this.#state = 'ended';
    this.#write();
  }

  /**
   * After a success the reply goes first: the client continues while its connection is closed. After a failure of the
   * server the client gets the reply before its data is rejected; otherwise it would report its own failed write as the
   * cause.
   */
  #close(): void {
    const reader = this.#reader;
    if (this.#failure === undefined) {
      setImmediate(() => reader?.end());
    } else if (this.#isGivingUp) {
      reader?.stop();
      setTimeout(() => reader?.destroy(), CLOSE_AFTER_ERROR_REPLY_MS).unref();
    } else {
      reader?.destroy();
    }
  }

  /** Called when no write is running. */
  #finish(): void {
    this.#state = 'over';
    clearTimeout(this.#waiting);
    clearTimeout(this.#rateTimer);
    this.#close();
    // The system may still fill the buffer that it was given last, until the socket has closed.
    setImmediate(() => {
      for (const { buffer } of this.#segments.splice(0)) this.#buffers.give(buffer);
    });
    if (this.#failure === undefined) this.#settle.resolve(this.#how);
    else this.#settle.reject(this.#failure.error);
  }
}

/** Little enough room for short reads that it is better to begin another buffer. */
function isNearlyFull({ buffer, filledBytes }: Segment): boolean {
  return buffer.length - filledBytes < buffer.length / 16;
}
