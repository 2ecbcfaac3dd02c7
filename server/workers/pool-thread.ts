import type { Worker } from 'node:worker_threads';
import { Job, WorkerLostError } from './job.ts';
import type { MessageFromWorker, MessageToWorker } from './messages.ts';

/** One worker thread and the jobs that it has. It keeps the process alive only while it has any. */
export class PoolThread {
  readonly #worker: Worker;
  readonly #jobs = new Map<number, Job<unknown>>();
  #lastId = 0;
  #cause: unknown;

  constructor(deps: { readonly worker: Worker; readonly onExit: () => void }) {
    this.#worker = deps.worker;
    this.#worker.unref();
    this.#worker.on('message', (message: MessageFromWorker) => this.#receive(message));
    this.#worker.on('error', (error) => {
      this.#cause = error;
    });
    this.#worker.once('exit', () => {
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

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #post(message: MessageToWorker): void {
    this.#worker.postMessage(message);
  }

  #receive(message: MessageFromWorker): void {
    const job = this.#jobs.get(message.id);
    if (job === undefined) return;
    if (message.kind !== 'part') this.#remove(message.id);
    job.receive(message);
  }

  #remove(id: number): void {
    this.#jobs.delete(id);
    if (this.#jobs.size === 0) this.#worker.unref();
  }

  #failAll(): void {
    const jobs = [...this.#jobs.values()];
    this.#jobs.clear();
    for (const job of jobs) {
      job.fail(new WorkerLostError('a worker thread has ended', { cause: this.#cause }));
    }
  }
}
