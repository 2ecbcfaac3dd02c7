import type { JobAnswer, MessageToWorker } from './messages.ts';

/** Yielded by a task to wait for a message: `yield` then returns the latest one. */
export const AWAIT_NEWS = Symbol('await news');

/**
 * Work that a worker thread can do, in slices of a few milliseconds: `yield` ends a slice, with a part
 * of the result or without one, and the returned value is the last part.
 */
export type Task<Input, Part, News = unknown> = (
  input: Input,
) => Generator<Part | undefined | typeof AWAIT_NEWS, Part, News>;

// biome-ignore lint/suspicious/noExplicitAny: inputs are checked where jobs are started, see `TaskInput`.
export type TaskTable = Readonly<Record<string, Task<any, unknown, any>>>;

interface Run {
  readonly id: number;
  readonly slices: Generator<unknown, unknown, unknown>;
  usedMs: number;
  /** Parts that were sent and not yet taken. */
  partsAhead: number;
  /** The latest message that the job has not seen. */
  news: { readonly value: unknown } | undefined;
  isAwaitingNews: boolean;
  /** It waits until more of its parts are taken. */
  isHeld: boolean;
}

/** Number of parts that a job may produce before the first of them is taken. */
const MAX_PARTS_AHEAD = 4;

/** With this many parts of all jobs ahead, a job may be ahead by one: most of their readers are stalled. */
const MAX_PARTS_AHEAD_OF_ALL = 64;

/** Jobs that have used less than this go before all others. */
const SHORT_JOB_MS = 50;

/**
 * Runs many jobs in one worker thread by turns, so that a short job never waits for a long one to end.
 */
export class TaskRunner {
  readonly #tasks: TaskTable;
  readonly #send: (message: JobAnswer, transfer: ArrayBuffer[]) => void;
  readonly #runs = new Map<number, Run>();
  #short: Run[] = [];
  #long: Run[] = [];
  #isScheduled = false;
  #partsAhead = 0;

  constructor(deps: {
    readonly tasks: TaskTable;
    readonly send: (message: JobAnswer, transfer: ArrayBuffer[]) => void;
  }) {
    this.#tasks = deps.tasks;
    this.#send = deps.send;
  }

  receive(message: MessageToWorker): void {
    switch (message.kind) {
      case 'start':
        this.#start(message);
        break;
      case 'taken':
        this.#taken(message.id);
        break;
      case 'tell':
        this.#tell(message.id, message.news);
        break;
      case 'cancel':
        this.#cancel(message.id);
        break;
    }
  }

  #start({ id, task: name, input }: Extract<MessageToWorker, { kind: 'start' }>): void {
    const task = this.#tasks[name];
    if (task === undefined) {
      this.#send({ kind: 'failed', id, message: `unknown task: ${name}`, code: undefined }, []);
      return;
    }
    const run: Run = {
      id,
      slices: task(input),
      usedMs: 0,
      partsAhead: 0,
      news: undefined,
      isAwaitingNews: false,
      isHeld: false,
    };
    this.#runs.set(id, run);
    this.#runSlice(run);
  }

  #taken(id: number): void {
    const run = this.#runs.get(id);
    if (run === undefined) return;
    run.partsAhead -= 1;
    this.#partsAhead -= 1;
    if (!run.isHeld || this.#isTooFarAhead(run)) return;
    run.isHeld = false;
    this.#enqueue(run);
  }

  #isTooFarAhead({ partsAhead }: Run): boolean {
    return partsAhead >= (this.#partsAhead >= MAX_PARTS_AHEAD_OF_ALL ? 1 : MAX_PARTS_AHEAD);
  }

  /** Parts that are not taken are no longer waited for. */
  #drop(run: Run): void {
    this.#runs.delete(run.id);
    this.#partsAhead -= run.partsAhead;
  }

  #tell(id: number, value: unknown): void {
    const run = this.#runs.get(id);
    if (run === undefined) return;
    const isScheduled = run.news !== undefined;
    run.news = { value };
    if (run.isAwaitingNews && !isScheduled) this.#enqueue(run);
  }

  #cancel(id: number): void {
    const run = this.#runs.get(id);
    if (run === undefined) return;
    this.#drop(run);
    this.#short = this.#short.filter((other) => other !== run);
    this.#long = this.#long.filter((other) => other !== run);
    run.slices.return(undefined);
    this.#send({ kind: 'end', id }, []);
  }

  #enqueue(run: Run): void {
    (run.usedMs < SHORT_JOB_MS ? this.#short : this.#long).push(run);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // Not a microtask: messages must get in between.
    setImmediate(() => {
      this.#isScheduled = false;
      const run = this.#short.shift() ?? this.#long.shift();
      if (run !== undefined) this.#runSlice(run);
      if (this.#short.length + this.#long.length > 0) this.#schedule();
    });
  }

  #runSlice(run: Run): void {
    const startedMs = performance.now();
    try {
      this.#deliver(run, run.slices.next(this.#newsFor(run)));
    } catch (error) {
      this.#drop(run);
      this.#send({ kind: 'failed', id: run.id, ...describe(error) }, []);
      return;
    }
    run.usedMs += performance.now() - startedMs;
    if (!this.#runs.has(run.id)) return;
    run.isHeld = this.#isTooFarAhead(run);
    if (run.isHeld) return;
    if (!run.isAwaitingNews || run.news !== undefined) this.#enqueue(run);
  }

  #newsFor(run: Run): unknown {
    if (!run.isAwaitingNews) return undefined;
    const { news } = run;
    run.news = undefined;
    run.isAwaitingNews = false;
    return news?.value;
  }

  #deliver(run: Run, slice: IteratorResult<unknown, unknown>): void {
    if (slice.value === AWAIT_NEWS) {
      run.isAwaitingNews = true;
      return;
    }
    const part = slice.value;
    const transfer = part instanceof Uint8Array ? [part.buffer as ArrayBuffer] : [];
    if (slice.done) {
      this.#drop(run);
      this.#send({ kind: 'end', id: run.id, part }, transfer);
    } else if (part !== undefined) {
      run.partsAhead += 1;
      this.#partsAhead += 1;
      this.#send({ kind: 'part', id: run.id, part }, transfer);
    }
  }
}

/** An error as a message can carry it: a clone would lose the `code` of Node's errors. */
function describe(error: unknown): { message: string; code: string | undefined } {
  if (!(error instanceof Error)) return { message: String(error), code: undefined };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { message: error.message, code };
}
