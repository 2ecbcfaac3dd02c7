import type { Clock } from './clock.ts';
import type { Job } from './job.ts';
import type { JobEvent } from './job-reducer.ts';
import type { QueueState } from './queue-state.ts';
import { RateMeter } from './rate-meter.ts';

/** One that works on a job now. */
export interface Worker {
  readonly kind: Job['kind'];
  readonly controller: AbortController;
  /** Octets at the target; the job is updated from time to time. */
  doneBytes: number;
  /** By this worker. */
  movedBytes: number;
  /** The target, once this worker has begun to write it. */
  begunAt: string | undefined;
}

/** Those that work on jobs now, and how quickly. */
export class JobWorkers {
  readonly #state: QueueState;
  readonly #meter: RateMeter;
  readonly #workers = new Map<string, Worker>();

  constructor(state: QueueState, clock: Clock) {
    this.#state = state;
    this.#meter = new RateMeter(() => clock.now());
  }

  get size(): number {
    return this.#workers.size;
  }

  get ids(): readonly string[] {
    return [...this.#workers.keys()];
  }

  has(id: string): boolean {
    return this.#workers.has(id);
  }

  count(kind: Job['kind']): number {
    let count = 0;
    for (const worker of this.#workers.values()) if (worker.kind === kind) count++;
    return count;
  }

  start({ id, kind, doneBytes }: Job): Worker {
    const controller = new AbortController();
    const worker: Worker = { kind, controller, doneBytes, movedBytes: 0, begunAt: undefined };
    this.#workers.set(id, worker);
    this.#meter.start(id, doneBytes);
    return worker;
  }

  end(id: string): void {
    this.#workers.delete(id);
    this.#meter.stop(id);
  }

  /** Takes a report of an attempt. Octets are only counted: jobs are updated by `noteProgress`. */
  report(id: string, worker: Worker, event: JobEvent): void {
    if (event.type !== 'moved') {
      if (event.type === 'begun') {
        worker.doneBytes = event.doneBytes;
        worker.begunAt = event.to;
      }
      this.#state.apply(id, event);
      return;
    }
    worker.movedBytes += Math.max(0, event.doneBytes - worker.doneBytes);
    worker.doneBytes = event.doneBytes;
  }

  /** Updates the progress of the jobs. */
  noteProgress(): void {
    for (const id of this.#workers.keys()) this.noteProgressOf(id);
  }

  noteProgressOf(id: string): void {
    const worker = this.#workers.get(id);
    if (worker === undefined || worker.kind === 'directory') return;
    const { doneBytes } = worker;
    this.#state.apply(id, { type: 'moved', doneBytes });
    this.#meter.measure(id, doneBytes);
  }

  stop(id: string, reason: unknown): void {
    this.#workers.get(id)?.controller.abort(reason);
  }

  rates(): ReadonlyMap<string, number> {
    return this.#meter.rates();
  }
}
