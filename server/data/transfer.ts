import { TransferAbortedError } from '../errors/errors.ts';
import type { Pacing } from './pacer.ts';

/** The subject of a transfer, for logs and STAT. */
export interface TransferDescription {
  readonly verb: string;
  /** The client's path of what is moved. */
  readonly path: string;
  /** Octets that it will move, if that is known. */
  readonly totalBytes?: number | undefined;
}

const TOUCH_EVERY_MS = 1000;

/** Time in which data that the client sent before its control connection ended still arrives. */
const REST_MS = 1000;
/** The same time for files that mark their own end: it starts again with each octet. */
const STANDSTILL_MS = 10_000;

/** One run over a data connection: it can be aborted, and it counts. */
export class Transfer {
  readonly description: TransferDescription;
  readonly startedMs: number;
  /** Undefined where nothing limits rates, as in tests. */
  readonly pacing: Pacing | undefined;
  /** Ends a wait for the rate. */
  #wake: (() => void) | undefined;
  #aborted: { readonly reason: Error } | undefined;
  readonly #onAbort: ((reason: Error) => void)[] = [];
  #controller: AbortController | undefined;
  readonly #onProgress: () => void;
  readonly #onDetach: (() => void) | undefined;
  #movedBytes = 0;
  #quit: 'not sent' | 'just read' | 'counts' | 'does not count' = 'not sent';
  #isConnected = false;
  /** For uploads: how long the transfer continues after the control connection has ended. */
  #survival: (() => 'while octets come' | 'shortly') | undefined;
  #survivalTimer: NodeJS.Timeout | undefined;

  constructor(
    description: TransferDescription,
    options: {
      readonly now: () => number;
      readonly onProgress: () => void;
      readonly pacing?: Pacing | undefined;
      /** See {@link Transfer.detachConnection}. */
      readonly onDetach?: () => void;
    },
  ) {
    this.description = description;
    this.startedMs = options.now();
    this.pacing = options.pacing;
    this.#onProgress = options.onProgress;
    this.#onDetach = options.onDetach;
  }

  /** Signal of an abort. It is created on demand, because small files need none and it is expensive. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController();
      this.#controller = controller;
      this.onAbort((reason) => controller.abort(reason));
    }
    return this.#controller.signal;
  }

  /** Calls back when the transfer is aborted, at once if it has been. */
  onAbort(callback: (reason: Error) => void): void {
    if (this.#aborted === undefined) this.#onAbort.push(callback);
    else callback(this.#aborted.reason);
  }

  /** @throws the reason of the abort, if there was one. */
  throwIfAborted(): void {
    if (this.#aborted !== undefined) throw this.#aborted.reason;
  }

  /** Octets that went over the data connection. */
  get movedBytes(): number {
    return this.#movedBytes;
  }

  moved(bytes: number): void {
    this.#movedBytes += bytes;
    if (this.#survival?.() === 'while octets come') this.#survivalTimer?.refresh();
    this.#onProgress();
  }

  /** The data connection is open. */
  connected(): void {
    this.#isConnected = true;
    if (this.#quit === 'just read') this.#quit = 'counts';
  }

  /**
   * Whether the client has sent QUIT after the data, as far as the server can know: such a client sends no more
   * commands and has not crashed.
   */
  get hasQuit(): boolean {
    return this.#quit === 'counts';
  }

  /**
   * QUIT was read. It says nothing of the end of the data if the client sent it ahead of them: before reply 150, or before
   * the data connection. The system reports several sockets in any order, so that connection may still be reported next.
   */
  quitRead(arrival: 'before reply 150' | 'after reply 150'): void {
    if (this.#quit !== 'not sent') return;
    if (arrival === 'before reply 150') this.#quit = 'does not count';
    else if (this.#isConnected) this.#quit = 'counts';
    else this.#countQuitIfConnectedSoon();
  }

  #countQuitIfConnectedSoon(): void {
    this.#quit = 'just read';
    // After the first of them, all sockets that were ready when QUIT was read have been reported.
    setImmediate(() =>
      setImmediate(() => {
        if (this.#quit === 'just read') this.#quit = 'does not count';
      }),
    );
  }

  /**
   * Lets the transfer continue for a time after its control connection has ended: data that was sent before still
   * arrives, and the file may mark its own end.
   */
  outliveControl(survival: () => 'while octets come' | 'shortly'): void {
    this.#survival = survival;
  }

  /** @returns false if the transfer ends with its control connection. */
  controlEnded(): boolean {
    if (this.#survival === undefined) return false;
    const isShort = this.#survival() === 'shortly';
    this.#survivalTimer ??= setTimeout(
      () => this.abort(new TransferAbortedError(CONTROL_ENDED)),
      isShort ? REST_MS : STANDSTILL_MS,
    );
    return true;
  }

  /** Ends the transfer; nothing of it runs. */
  end(): void {
    clearTimeout(this.#survivalTimer);
  }

  /** Waits for work that moves no data and is no idleness either. @throws the reason of an abort. */
  async unlessAborted<Result>(work: Result | Promise<Result>): Promise<Result> {
    this.throwIfAborted();
    if (!(work instanceof Promise)) return work;
    const touching = setInterval(this.#onProgress, TOUCH_EVERY_MS).unref();
    try {
      return await new Promise((resolve, reject) => {
        this.onAbort(reject);
        work.then(resolve, reject);
      });
    } finally {
      clearInterval(touching);
    }
  }

  /** Waits until a portion of octets may be sent. @throws the reason of an abort. */
  async waitForRate(waitMs: number): Promise<void> {
    this.throwIfAborted();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
    this.throwIfAborted();
  }

  /** The transfer function closes the data connection itself once the last write has completed. */
  detachConnection(): void {
    this.#onDetach?.();
  }

  /** Ends the transfer; the client gets `reason` as the final reply. */
  abort(reason: Error): void {
    if (this.#aborted !== undefined) return;
    this.#aborted = { reason };
    this.#wake?.();
    for (const callback of this.#onAbort.splice(0)) callback(reason);
  }

  /** The failure for the client: the reason of an abort, or a lost connection in plain words. */
  failure(error: unknown): unknown {
    if (this.#aborted !== undefined) return this.#aborted.reason;
    return isConnectionLoss(error)
      ? new TransferAbortedError('The data connection was lost before all data had moved.')
      : error;
  }
}

export const CONTROL_ENDED = 'The control connection ended before the transfer did.';

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
