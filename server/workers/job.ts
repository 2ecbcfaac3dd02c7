import type { JobAnswer } from './messages.ts';

/** Messages of a job to its worker thread. */
type JobMessage =
  | { readonly kind: 'taken' | 'cancel' }
  | { readonly kind: 'tell'; readonly news: unknown };

/** A worker thread ended, or was ended, before its jobs had. */
export class WorkerLostError extends Error {
  /** EMFILE if the thread ended because the process had too many files open. */
  readonly code: string | undefined;

  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.code = meansOutOfFiles(options.cause) ? 'EMFILE' : undefined;
  }
}

/** Node's loader of modules and threads reports it with various codes. */
export function meansOutOfFiles(error: unknown): boolean {
  const { message } = (error ?? {}) as { message?: unknown };
  return typeof message === 'string' && /EMFILE|too many open files/i.test(message);
}

/** A failure inside a worker thread, with the `code` of the error there. */
class WorkerTaskError extends Error {
  readonly code: string | undefined;

  constructor(message: string, code: string | undefined) {
    super(message);
    this.code = code;
  }
}

/** One job in a worker thread, as the event loop sees it: parts that come in one after another. */
export class Job<Part> {
  readonly #post: (message: JobMessage) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #parts: { readonly part: Part; readonly isLast: boolean }[] = [];
  #hasEnded = false;
  #isCancelled = false;
  #error: Error | undefined;
  /** Wakes callers that wait for a part or for the end. */
  #wake: (() => void)[] = [];
  readonly #onAbort = () => this.#sendCancel();

  constructor(deps: {
    readonly post: (message: JobMessage) => void;
    readonly signal: AbortSignal | undefined;
  }) {
    this.#post = deps.post;
    this.#signal = deps.signal;
    this.#signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /**
   * The next part, or undefined after the last.
   *
   * @throws the failure of the worker, or the reason of the signal, after the worker has released the job.
   */
  async take(): Promise<Part | undefined> {
    for (;;) {
      if (this.#isCancelled) break;
      const next = this.#parts.shift();
      if (next !== undefined) {
        if (!next.isLast) this.#post({ kind: 'taken' });
        return next.part;
      }
      if (this.#hasEnded) break;
      await this.#news();
    }
    while (!this.#hasEnded) await this.#news();
    this.#signal?.throwIfAborted();
    if (this.#error !== undefined) throw this.#error;
    return undefined;
  }

  /** Gives news to a task that awaits them; what it has not seen yet of older ones is forgotten. */
  tell(news: unknown): void {
    if (!this.#hasEnded && !this.#isCancelled) this.#post({ kind: 'tell', news });
  }

  /** Ends the job if it still runs. Resolves when the worker uses nothing of it. */
  async cancel(): Promise<void> {
    this.#sendCancel();
    while (!this.#hasEnded) await this.#news();
  }

  /** Takes in a message of the worker. */
  receive(message: JobAnswer): void {
    switch (message.kind) {
      case 'part':
        this.#parts.push({ part: message.part as Part, isLast: false });
        this.#wakeAll();
        break;
      case 'end':
        if (message.part !== undefined) {
          this.#parts.push({ part: message.part as Part, isLast: true });
        }
        this.#end();
        break;
      case 'failed':
        this.fail(new WorkerTaskError(message.message, message.code));
        break;
    }
  }

  /** Ends the job with an error, which follows the parts that have arrived. */
  fail(error: Error): void {
    this.#error = error;
    this.#end();
  }

  #end(): void {
    this.#hasEnded = true;
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#wakeAll();
  }

  #sendCancel(): void {
    if (this.#hasEnded || this.#isCancelled) return;
    this.#isCancelled = true;
    this.#post({ kind: 'cancel' });
    this.#wakeAll();
  }

  #news(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  #wakeAll(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const resolve of wake) resolve();
  }
}
