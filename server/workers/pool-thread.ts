import type { Worker } from 'node:worker_threads';
import { Job, WorkerLostError } from './job.ts';
import type { MessageFromWorker, MessageToWorker, WorkerWarning } from './messages.ts';

/** One worker thread and its jobs. It keeps the process alive only while it loads its program or has jobs. */
export class PoolThread {
  readonly #worker: Worker;
  readonly #jobs = new Map<number, Job<unknown>>();
  #lastId = 0;
  #cause: unknown;
  #isEnding = false;
  /** Resolves when its program is loaded, or when it has ended before that. */
  readonly ready: Promise<void>;
  #becomeReady: () => void = () => {};
  readonly #onWarning: (warning: WorkerWarning) => void;

  constructor(deps: {
    readonly worker: Worker;
    readonly onExit: () => void;
    readonly onWarning: (warning: WorkerWarning) => void;
  }) {
    this.#worker = deps.worker;
    this.#onWarning = deps.onWarning;
    this.ready = new Promise((resolve) => {
      this.#becomeReady = resolve;
    });
    this.#worker.on('message', (message: MessageFromWorker) => this.#receive(message));
    this.#worker.on('error', (error) => {
      this.#cause = error;
    });
    this.#worker.once('exit', () => {
      this.#becomeReady();
      deps.onExit();
      this.#failAll();
    });
  }

  get jobs(): number {
    return this.#jobs.size;
  }

  start(options: {
    readonly task: string;
    readonly input: unknown;
    readonly signal: AbortSignal | undefined;
  }): Job<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    const job = new Job<unknown>({
      post: (message) => this.#post({ ...message, id }),
      signal: options.signal,
    });
    if (this.#jobs.size === 0) this.#worker.ref();
    this.#jobs.set(id, job);
    this.#post({ kind: 'start', id, task: options.task, input: options.input });
    return job;
  }

  /** A native module that is interrupted while it loads aborts the process: the thread may load to the end. */
  async end(): Promise<void> {
    this.#isEnding = true;
    this.#worker.ref();
    await this.ready;
    await this.#worker.terminate();
  }

  #post(message: MessageToWorker): void {
    this.#worker.postMessage(message);
  }

  #receive(message: MessageFromWorker): void {
    if (message.kind === 'ready') {
      this.#becomeReady();
      this.#unrefIfIdle();
      for (const warning of message.warnings ?? []) this.#onWarning(warning);
      return;
    }
    const job = this.#jobs.get(message.id);
    if (job === undefined) return;
    if (message.kind !== 'part') this.#remove(message.id);
    job.receive(message);
  }

  #remove(id: number): void {
    this.#jobs.delete(id);
    this.#unrefIfIdle();
  }

  #unrefIfIdle(): void {
    if (this.#jobs.size === 0 && !this.#isEnding) this.#worker.unref();
  }

  #failAll(): void {
    const jobs = [...this.#jobs.values()];
    this.#jobs.clear();
    for (const job of jobs) {
      job.fail(new WorkerLostError('a worker thread has ended', { cause: this.#cause }));
    }
  }
}
