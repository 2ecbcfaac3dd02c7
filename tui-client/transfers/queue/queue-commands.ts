import { Failure } from '../../errors/failure.ts';
import { PartFile } from '../../local/part-file.ts';
import { ChunkedTask } from '../../scheduling/chunks.ts';
import type { Job } from './job.ts';
import type { JobWorkers } from './job-workers.ts';
import type { PausedDirections } from './paused-directions.ts';
import type { QueueState } from './queue-state.ts';
import type { RetrySchedule } from './retry-schedule.ts';

/** State of a queue: commands change it, and the runner works by it. */
export interface QueueParts {
  readonly state: QueueState;
  readonly workers: JobWorkers;
  readonly schedule: RetrySchedule;
  readonly pausedDirections: PausedDirections;
}

const FINISHED: ReadonlySet<Job['state']> = new Set(['done', 'skipped', 'failed']);

const HAS_ENDED_WELL: ReadonlySet<Job['state']> = new Set(['done', 'skipped']);

/** What the user can do to jobs that are in the queue. */
export class QueueCommands {
  readonly #parts: QueueParts;
  readonly #onEnd: () => void;
  readonly #sweep = new ChunkedTask();

  /** @param onEnd called when a command has been carried out for all its jobs. */
  constructor(parts: QueueParts, onEnd: () => void) {
    this.#parts = parts;
    this.#onEnd = onEnd;
  }

  /** Whether a command is running; nothing starts during it. */
  get isRunning(): boolean {
    return this.#sweep.isRunning;
  }

  pause(id: string | 'all'): void {
    const { state, workers, pausedDirections } = this.#parts;
    if (id === 'all') pausedDirections.pause();
    const reason = new Failure('local', 'It was paused.');
    const pause = (job: Job) => {
      state.apply(job.id, { type: 'paused' });
      workers.stop(job.id, reason);
    };
    const jobs = this.#meant(id);
    // What moves stops at once, wherever it is in the list.
    for (const one of workers.ids) {
      const job = state.list.get(one);
      if (job !== undefined && jobs.includes(job)) pause(job);
    }
    this.#visit(jobs, pause);
  }

  isPaused(id: string): boolean {
    const job = this.#parts.state.list.get(id);
    if (job === undefined || job.below === 'open') return false;
    return job.state === 'paused' || (job.below === 'paused' && FINISHED.has(job.state));
  }

  resume(id: string | 'all'): void {
    const { state, schedule, pausedDirections } = this.#parts;
    if (id === 'all') pausedDirections.release();
    this.#visit(this.#meant(id), (job) => state.apply(job.id, { type: 'resumed' }));
    schedule.openAtOnce();
  }

  cancel(id: string | 'all'): void {
    const { state, schedule, workers } = this.#parts;
    this.#visit(this.#meant(id), (job) => {
      if (FINISHED.has(job.state) && job.id !== id) return;
      state.remove(job);
      schedule.callOff(job.id);
      if (workers.has(job.id)) workers.stop(job.id, new Failure('local', 'It was cancelled.'));
      else discardPart(job);
    });
  }

  retry(id: string | 'all'): void {
    const { state, schedule } = this.#parts;
    this.#visit(this.#meant(id), (job) => {
      const isMeant = id === 'all' ? job.state === 'failed' : job.id === id;
      if (isMeant) state.apply(job.id, { type: 'retried' });
    });
    schedule.openAtOnce();
  }

  clear(what: 'done' | 'failed'): void {
    const { state } = this.#parts;
    this.#visit(this.#meant('all'), (job) => {
      const isMeant = what === 'failed' ? job.state === 'failed' : hasEndedWell(job);
      if (isMeant) state.remove(job);
    });
  }

  /** Lets what runs come to its end; the rest waits until it is resumed. */
  stop(directions: readonly Job['direction'][], error: NonNullable<Job['error']>): void {
    const { state, pausedDirections } = this.#parts;
    pausedDirections.stop(directions, error);
    this.#visit(this.#meant('all'), (job) => {
      if (job.state === 'waiting' && pausedDirections.has(job.direction)) {
        state.apply(job.id, { type: 'paused' });
      }
    });
  }

  /** Stops what runs, for good. */
  close(): void {
    const { state, workers, pausedDirections } = this.#parts;
    this.#sweep.stop();
    pausedDirections.pause();
    for (const id of workers.ids) {
      state.apply(id, { type: 'paused' });
      workers.stop(id, new Failure('local', 'It was paused.'));
    }
  }

  #meant(id: string | 'all'): readonly Job[] {
    this.#sweep.finish();
    const { list } = this.#parts.state;
    return id === 'all' ? list.toArray() : list.family(id);
  }

  /** Does something to jobs as they are then; where they are many, a part at a time. */
  #visit(jobs: readonly Job[], visit: (job: Job) => void): void {
    const { list } = this.#parts.state;
    this.#sweep.start(jobs, {
      visit: ({ id }) => {
        const job = list.get(id);
        if (job !== undefined) visit(job);
      },
      onEnd: this.#onEnd,
    });
  }
}

/** Of a directory: whether all that came from it has ended, too. */
function hasEndedWell({ state, below }: Job): boolean {
  return HAS_ENDED_WELL.has(state) && below === undefined;
}

/** Removes what there is of a download that has been given up. */
export function discardPart({ direction, isBegun, to }: Job): void {
  if (direction === 'download' && isBegun) void PartFile.discard(to);
}
