import { TransferAbortedError } from '../errors.ts';

/** What a transfer moves, as logs and STAT tell it. */
export interface TransferDescription {
  readonly verb: string;
  /** The client's path of what is moved. */
  readonly path: string;
}

/** One run over a data connection: it can be aborted, and it counts. */
export class Transfer {
  readonly description: TransferDescription;
  readonly startedMs: number;
  readonly #abort = new AbortController();
  readonly #onProgress: () => void;
  readonly #onTakenOver: (() => void) | undefined;
  #movedBytes = 0;

  constructor(
    description: TransferDescription,
    options: {
      readonly now: () => number;
      readonly onProgress: () => void;
      /** See {@link Transfer.takeOver}. */
      readonly onTakenOver?: () => void;
    },
  ) {
    this.description = description;
    this.startedMs = options.now();
    this.#onProgress = options.onProgress;
    this.#onTakenOver = options.onTakenOver;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Octets that went over the data connection. */
  get movedBytes(): number {
    return this.#movedBytes;
  }

  moved(bytes: number): void {
    this.#movedBytes += bytes;
    this.#onProgress();
  }

  /** Who moves the data ends the data connection, too, in its own time. */
  takeOver(): void {
    this.#onTakenOver?.();
  }

  /** Ends the transfer; the client gets `reason` as the final reply. */
  abort(reason: Error): void {
    this.#abort.abort(reason);
  }

  /** What to tell of a failure: the reason of an abort, else a loss of the connection in plain words. */
  failure(error: unknown): unknown {
    if (this.signal.aborted) return this.signal.reason;
    return isConnectionLoss(error)
      ? new TransferAbortedError('The data connection was lost before all data had moved.')
      : error;
  }
}

const LOSSES = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ECONNABORTED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_WRITE_AFTER_END',
  'ERR_SOCKET_CLOSED',
]);

function isConnectionLoss(error: unknown): boolean {
  return LOSSES.has(String((error as { code?: unknown } | null)?.code));
}
