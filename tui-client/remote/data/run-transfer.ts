import { Failure } from '../../errors/failure.ts';
import type { ControlConnection } from '../connection/control-connection.ts';
import { isFinal, isRefusal, type Reply } from '../connection/reply.ts';
import { failureForReply, isNetworkFailure } from '../remote-failure.ts';
import { beginTransfer, type TransferPlan } from './begin-transfer.ts';
import { BlockConnection } from './block-connection.ts';
import type { DataConnection } from './data-connection.ts';

/** Time for the server to say why a data connection has ended. */
const LAST_WORD_MS = 2000;
/** Time for the server to open a file. */
const OPENING_TIMEOUT_MS = 60_000;
/** Time for the server to put a file in place. */
const CONFIRM_TIMEOUT_MS = 120_000;
const DEFAULT_STALL_MS = 45_000;

/** Octets that are sent before the server says that it is ready: few, in case it refuses. */
const AHEAD_BYTES = 32 * 1024;

/**
 * One RETR, STOR, APPE, MLSD or LIST. Fails with the server's own words where it gave any, and leaves the
 * control connection in step, or lost.
 */
export async function runTransfer(control: ControlConnection, plan: TransferPlan): Promise<Reply> {
  const data = await beginTransfer(control, plan);
  plan.onConnected?.(data);
  try {
    const reply = await new RunningTransfer(control, data, plan).run();
    data.release();
    control.hasRestart = false;
    return reply;
  } catch (error) {
    data.destroy();
    throw error;
  }
}

type Outcome =
  | { readonly kind: 'replied'; readonly reply: Reply }
  | { readonly kind: 'moved' }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'aborted' };

class RunningTransfer {
  readonly #control: ControlConnection;
  readonly #data: DataConnection;
  readonly #plan: TransferPlan;
  readonly #replied: Promise<Outcome>;
  readonly #moved: Promise<Outcome>;
  readonly #aborted: Promise<Outcome>;
  #onAbort: () => void = () => {};
  #opening: { resolve(): void; reject(error: unknown): void } = { resolve() {}, reject() {} };

  constructor(control: ControlConnection, data: DataConnection, plan: TransferPlan) {
    this.#control = control;
    this.#data = data;
    this.#plan = plan;
    const opened = new Promise<void>((resolve, reject) => {
      this.#opening = { resolve, reject };
    });
    this.#aborted = new Promise((resolve) => {
      this.#onAbort = () => resolve({ kind: 'aborted' });
      if (plan.signal?.aborted === true) this.#onAbort();
      plan.signal?.addEventListener('abort', this.#onAbort);
    });
    const isAhead = data instanceof BlockConnection && (plan.sizeBytes ?? Infinity) <= AHEAD_BYTES;
    if (isAhead) this.#opening.resolve();
    this.#replied = settled(this.#finalReply(), (reply) => ({ kind: 'replied', reply }));
    this.#moved = settled(
      opened.then(() => this.#move()),
      () => ({ kind: 'moved' }),
    );
  }

  async run(): Promise<Reply> {
    const stopWatching = this.#watch();
    try {
      return await this.#run();
    } finally {
      stopWatching();
      this.#plan.signal?.removeEventListener('abort', this.#onAbort);
    }
  }

  async #run(): Promise<Reply> {
    const first = await Promise.race([this.#aborted, this.#replied, this.#moved]);
    switch (first.kind) {
      case 'replied':
        return this.#afterReply(first.reply);
      case 'moved':
        return this.#confirmed();
      case 'aborted':
        return this.#abort(this.#plan.signal?.reason);
      case 'failed':
        return this.#afterFailure(first.error);
    }
  }

  async #finalReply(): Promise<Reply> {
    const { companion } = this.#plan;
    if (companion !== undefined) {
      companion.onReply(await this.#control.finalReply({ timeoutMs: OPENING_TIMEOUT_MS }));
    }
    let timeoutMs = OPENING_TIMEOUT_MS;
    for (;;) {
      const reply = await this.#control.reply({ timeoutMs });
      if (isFinal(reply)) return reply;
      this.#opening.resolve();
      timeoutMs = Infinity;
    }
  }

  async #move(): Promise<void> {
    const { send, receiver } = this.#plan;
    await this.#data.secured();
    await (send === undefined ? receiver?.done : send(this.#data));
  }

  /** The reply may overtake the last octets of a download. */
  async #afterReply(reply: Reply): Promise<Reply> {
    if (isRefusal(reply)) return this.#stop(failureForReply(reply, this.#plan.purpose));
    this.#opening.resolve();
    const outcome = await this.#lastOctets();
    if (outcome?.kind === 'aborted') return this.#stop(this.#plan.signal?.reason);
    if (outcome?.kind === 'failed') return this.#unlessSilent(reply, outcome.error);
    if (outcome !== undefined || this.#isSilent) return reply;
    const words = 'The server has ended the upload before its end.';
    return this.#stop(new Failure('protocol', words));
  }

  /** After the reply. Undefined if they do not come in time. */
  async #lastOctets(): Promise<Outcome | undefined> {
    const { send, silenceMs = Infinity } = this.#plan;
    const outcomes = [this.#moved, this.#aborted];
    if (send !== undefined) return firstWithin(LAST_WORD_MS, outcomes);
    const outcome = await firstWithin(silenceMs, outcomes);
    return outcome === undefined && !this.#isSilent ? Promise.race(outcomes) : outcome;
  }

  /** Whether no octet has come where that is no failure. */
  get #isSilent(): boolean {
    return this.#plan.silenceMs !== undefined && this.#plan.receiver?.receivedBytes === 0;
  }

  /** A server that has nothing to send may close its port without having accepted the connection. */
  #unlessSilent(reply: Reply, error: unknown): Reply {
    if (this.#isSilent && !this.#data.isEncrypted && isNetworkFailure(error)) return reply;
    throw error;
  }

  async #confirmed(): Promise<Reply> {
    const outcome = await firstWithin(CONFIRM_TIMEOUT_MS, [this.#replied, this.#aborted]);
    if (outcome?.kind === 'replied') return this.#checked(outcome.reply);
    if (outcome?.kind === 'failed') throw outcome.error;
    if (outcome?.kind === 'aborted') return this.#abort(this.#plan.signal?.reason);
    this.#control.lose('The server did not confirm the transfer');
    throw this.#control.loss;
  }

  /** Only the server can say what broke the connection. */
  async #afterFailure(error: unknown): Promise<Reply> {
    if (this.#control.isLost || !isNetworkFailure(error)) return this.#abort(error);
    const outcome = await firstWithin(LAST_WORD_MS, [this.#replied]);
    if (outcome?.kind === 'replied') {
      return this.#unlessSilent(this.#checked(outcome.reply), error);
    }
    return this.#abort(error);
  }

  #checked(reply: Reply): Reply {
    if (isRefusal(reply)) throw failureForReply(reply, this.#plan.purpose);
    return reply;
  }

  /**
   * ABOR, and a reset, because a connection that is closed in order makes a cut upload look whole. Two
   * replies follow: the transfer's and that of ABOR.
   */
  async #abort(reason: unknown): Promise<never> {
    if (!this.#control.isLost) {
      this.#control.send('ABOR');
      this.#data.reset();
      const inStep = this.#replied.then(() =>
        this.#control.finalReply({ timeoutMs: LAST_WORD_MS }),
      );
      const outcome = await firstWithin(LAST_WORD_MS, [inStep.catch(() => undefined)]);
      if (outcome === undefined) this.#control.lose('The server does not answer');
    }
    return this.#stop(reason);
  }

  /** Nothing of this side still moves when it throws. */
  async #stop(reason: unknown): Promise<never> {
    this.#data.reset();
    this.#opening.reject(reason);
    await this.#moved;
    throw reason;
  }

  /** Rejects what waits for the data connection when nothing moves and it is not this side that dawdles. */
  #watch(): () => void {
    const { stallMs = DEFAULT_STALL_MS, isOurTurn } = this.#plan;
    const { socket } = this.#data;
    const onTimeout = () => {
      // The timer of a socket runs only once without traffic.
      if (isOurTurn()) socket.setTimeout(stallMs);
      else socket.destroy(stalled());
    };
    socket.setTimeout(stallMs).on('timeout', onTimeout);
    return () => socket.setTimeout(0).off('timeout', onTimeout);
  }
}

function stalled(): Error {
  return new Failure('network', 'The data connection stalled', { isTransient: true });
}

function settled<Value>(
  promise: Promise<Value>,
  toOutcome: (value: Value) => Outcome,
): Promise<Outcome> {
  return promise.then(toOutcome, (error: unknown) => ({ kind: 'failed', error }));
}

/** The first that comes; undefined if none does in time. */
async function firstWithin<Value>(
  ms: number,
  promises: readonly Promise<Value>[],
): Promise<Value | undefined> {
  if (ms === Infinity) return Promise.race(promises);
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms).unref();
  });
  try {
    return await Promise.race([...promises, limit]);
  } finally {
    clearTimeout(timer);
  }
}
