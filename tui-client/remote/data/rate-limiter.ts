/** Number of pieces of a transfer per second, unless they become too large. */
const PIECES_PER_SECOND = 8;
const MIN_PIECE_BYTES = 1024;
const MAX_PIECE_BYTES = 64 * 1024;
/** Timers are late; what was missed in this time is caught up. */
const SLACK_MS = 50;

/** A rate that all transfers of a site keep together. It may change at any time. */
export class RateLimiter {
  #bytesPerSecond: number | undefined;
  #freeAtMs = 0;
  readonly #waiting = new Set<() => void>();

  /** @param bytesPerSecond undefined for no limit. */
  constructor(bytesPerSecond: number | undefined) {
    this.#bytesPerSecond = bytesPerSecond;
  }

  get bytesPerSecond(): number | undefined {
    return this.#bytesPerSecond;
  }

  /** Holds at once, for running transfers, too. Undefined for no limit. */
  set bytesPerSecond(bytesPerSecond: number | undefined) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#freeAtMs = 0;
    for (const pass of [...this.#waiting]) pass();
  }

  /** Most octets to pass at once; undefined without a limit. */
  get pieceBytes(): number | undefined {
    if (this.#bytesPerSecond === undefined) return undefined;
    const bytes = Math.ceil(this.#bytesPerSecond / PIECES_PER_SECOND);
    return Math.max(MIN_PIECE_BYTES, Math.min(MAX_PIECE_BYTES, bytes));
  }

  /** Cuts octets into pieces of the right size. */
  *pieces(octets: Buffer): Generator<Buffer> {
    for (let at = 0; at < octets.length; ) {
      const piece = octets.subarray(at, at + (this.pieceBytes ?? octets.length));
      at += piece.length;
      yield piece;
    }
  }

  /** Resolves when the octets may pass. @throws the reason of the signal. */
  async pass(bytes: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.#bytesPerSecond === undefined) return;
    const nowMs = performance.now();
    const costMs = (bytes / this.#bytesPerSecond) * 1000;
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs - SLACK_MS) + costMs;
    const waitMs = this.#freeAtMs - nowMs;
    if (waitMs > 0) await this.#wait(waitMs, signal);
  }

  #wait(waitMs: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#waiting.delete(pass);
        settle();
      };
      const pass = () => end(resolve);
      const onAbort = () => end(() => reject(signal?.reason));
      const timer = setTimeout(pass, waitMs);
      signal?.addEventListener('abort', onAbort);
      this.#waiting.add(pass);
    });
  }
}
