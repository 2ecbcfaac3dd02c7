import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { type Job, WorkerLostError } from './job.ts';
import type { WorkerWarning } from './messages.ts';
import { PoolThread } from './pool-thread.ts';
import { startWorker } from './start-worker.ts';
import type { TaskInput, TaskName, TaskPart } from './tasks.ts';

interface WorkerPoolOptions {
  readonly threads?: number;
  readonly startWorker?: () => Worker;
  readonly onWarning?: (warning: WorkerWarning) => void;
}

/**
 * Threads for work that would hold up the event loop: hashing and listing.
 *
 * A thread is started when the others have jobs: many servers never need one, and each takes some 10 MiB.
 *
 * Each thread runs its jobs by turns, see `TaskRunner`. A thread that dies fails the jobs that it had,
 * and the next job gets a new one. Idle threads do not keep the process alive.
 */
export class WorkerPool {
  readonly #threads: (PoolThread | undefined)[];
  #isClosed = false;

  readonly #startWorker: () => Worker;
  readonly #onWarning: (warning: WorkerWarning) => void;
  readonly #warned = new Set<string>();

  /**
   * @param options.threads number of threads; two at most if left out.
   * @param options.onWarning gets each warning once, though all threads give it.
   */
  constructor(options: WorkerPoolOptions = {}) {
    this.#startWorker = options.startWorker ?? startWorker;
    this.#onWarning = options.onWarning ?? (() => {});
    const count = options.threads ?? Math.min(2, availableParallelism());
    this.#threads = Array.from({ length: count }, () => undefined);
  }

  /**
   * Gives a job to an idle thread, to a new one, or to the one that has the fewest. Descriptors in its input must stay
   * open until the job has ended.
   *
   * @throws WorkerLostError if the pool is closed.
   * @throws the reason of `signal`.
   */
  start<Name extends TaskName>(
    task: Name,
    input: TaskInput<Name>,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Job<TaskPart<Name>> {
    options.signal?.throwIfAborted();
    if (this.#isClosed) throw new WorkerLostError('the worker threads have been ended');
    const job = this.#threadForJob().start({ task, input, signal: options.signal });
    return job as Job<TaskPart<Name>>;
  }

  /** Ends the threads. Jobs that are running or started later fail with WorkerLostError. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const threads = this.#threads.filter((thread) => thread !== undefined);
    await Promise.all(threads.map((thread) => thread.end()));
  }

  #threadForJob(): PoolThread {
    const started = this.#threads.filter((thread) => thread !== undefined);
    const [leastBusy] = started.sort((one, other) => one.jobs - other.jobs);
    if (leastBusy?.jobs === 0) return leastBusy;
    const free = this.#threads.indexOf(undefined);
    return leastBusy === undefined || free >= 0 ? this.#startThread(free) : leastBusy;
  }

  #startThread(index: number): PoolThread {
    const thread = new PoolThread({
      worker: this.#startWorker(),
      onExit: () => {
        this.#threads[index] = undefined;
      },
      onWarning: (warning) => this.#warn(warning),
    });
    this.#threads[index] = thread;
    return thread;
  }

  #warn(warning: WorkerWarning): void {
    const { message, reason } = warning;
    if (this.#warned.has(`${message} ${reason}`)) return;
    this.#warned.add(`${message} ${reason}`);
    this.#onWarning(warning);
  }
}
