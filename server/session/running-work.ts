import { verbOf } from '../control/command-line.ts';
import type { CommandQueue } from '../control/command-queue.ts';
import type { ReceivedLine } from '../control/line-buffer.ts';
import { Transfer } from '../data/transfer.ts';
import { TransferAbortedError } from '../errors/errors.ts';
import type { OnAbort } from '../uploads/room-wait.ts';

/** Work that takes a while and that ABOR ends. */
interface Abortable {
  abort(reason: Error): void;
}

/** QUIT waits for a transfer without progress for this part of the idle timeout: 30 s of the usual five minutes. */
const QUIT_WAITS_OF_IDLE = 10;

/** What a session runs at the moment: a transfer, or other work that ABOR can end. */
export class RunningWork {
  readonly #queue: CommandQueue;
  readonly #idleTimeoutMs: number;
  #running: Abortable | undefined;
  /** Chunks of the control connection that were read before the work began. */
  #chunksBefore = 0;
  /** Runs while QUIT waits for a transfer. */
  #quitTimer: NodeJS.Timeout | undefined;

  constructor(queue: CommandQueue, options: { readonly idleTimeoutMs: number }) {
    this.#queue = queue;
    this.#idleTimeoutMs = options.idleTimeoutMs;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  get transfer(): Transfer | undefined {
    return this.#running instanceof Transfer ? this.#running : undefined;
  }

  /** The client may have sent ABOR before the work began. */
  begin(work: Abortable): void {
    this.#running = work;
    this.#chunksBefore = this.#queue.receivedChunks;
    if (this.#queue.includes(isVerb('ABOR'))) work.abort(new TransferAbortedError('Aborted.'));
    if (this.#queue.includes(isVerb('QUIT'))) this.#limitStandstill();
    this.#queue.lookAhead();
  }

  progressed(): void {
    this.#quitTimer?.refresh();
  }

  end(): void {
    this.#running = undefined;
    clearTimeout(this.#quitTimer);
    this.#quitTimer = undefined;
  }

  abort(text: string): void {
    this.#running?.abort(new TransferAbortedError(text));
  }

  /** The client has sent QUIT while a transfer runs. */
  quitRead(): void {
    const isAhead = this.#queue.chunkOfLine <= this.#chunksBefore;
    this.transfer?.quitRead(isAhead ? 'before reply 150' : 'after reply 150');
    this.#limitStandstill();
  }

  /** See {@link SessionContext.abortable}. */
  abortable<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    return this.interruptible((onAbort) => {
      const controller = new AbortController();
      onAbort((reason) => controller.abort(reason));
      return work(controller.signal);
    });
  }

  /** See {@link SessionContext.interruptible}. */
  async interruptible<Result>(work: (onAbort: OnAbort) => Promise<Result>): Promise<Result> {
    let aborted: Error | undefined;
    let notify: ((reason: Error) => void) | undefined;
    try {
      this.begin({
        abort(reason) {
          aborted ??= reason;
          notify?.(reason);
        },
      });
      if (aborted !== undefined) throw aborted;
      return await work((callback) => {
        notify = callback;
      });
    } finally {
      this.#running = undefined;
    }
  }

  /**
   * Ends a transfer without progress while QUIT waits for it. A client that waits for 221 before it closes its data
   * connection and a server that waits for the end of the data would otherwise wait for each other forever.
   */
  #limitStandstill(): void {
    const { transfer } = this;
    if (transfer === undefined) return;
    this.#quitTimer ??= setTimeout(() => {
      const reason = 'No data moved after QUIT; close the data connection before you wait for 221.';
      transfer.abort(new TransferAbortedError(reason));
    }, this.#idleTimeoutMs / QUIT_WAITS_OF_IDLE).unref();
  }
}

function isVerb(verb: string): (line: ReceivedLine) => boolean {
  return (line) => Buffer.isBuffer(line) && verbOf(line) === verb;
}
