import type { Job, JobState } from './job.ts';

const STATES: readonly JobState[] = [
  'waiting',
  'running',
  'paused',
  'checking',
  'asking',
  'done',
  'skipped',
  'failed',
];

const FINISHED: ReadonlySet<JobState> = new Set(['done', 'skipped', 'failed']);

type JobCounts = Readonly<Record<JobState, number>>;

export interface Totals {
  /** Of files; directories are not counted. */
  readonly counts: JobCounts;
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** False while directories have to be expanded or sizes are unknown: the sum is a lower bound then. */
  readonly isTotalKnown: boolean;
}

/** Sums over all jobs, kept as they change. */
export class JobTotals {
  readonly #counts = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<
    JobState,
    number
  >;
  #openDirectories = 0;
  #waitingDirectories = 0;
  #unknownSizes = 0;
  #doneBytes = 0;
  #totalBytes = 0;

  add(job: Job): void {
    this.#count(job, 1);
  }

  remove(job: Job): void {
    this.#count(job, -1);
  }

  /** Files in a state. */
  count(state: JobState): number {
    return this.#counts[state];
  }

  get waitingDirectories(): number {
    return this.#waitingDirectories;
  }

  snapshot(): Totals {
    return {
      counts: { ...this.#counts },
      doneBytes: this.#doneBytes,
      totalBytes: this.#totalBytes,
      isTotalKnown: this.#openDirectories === 0 && this.#unknownSizes === 0,
    };
  }

  #count(job: Job, by: 1 | -1): void {
    const isFinished = FINISHED.has(job.state);
    if (job.kind === 'directory') {
      if (!isFinished) this.#openDirectories += by;
      if (job.state === 'waiting') this.#waitingDirectories += by;
      // One that could not be read is a failure like any other.
      if (job.state === 'failed') this.#counts.failed += by;
      return;
    }
    this.#counts[job.state] += by;
    if (job.state === 'skipped') return;
    this.#doneBytes += by * job.doneBytes;
    this.#totalBytes += by * Math.max(job.sizeBytes ?? 0, job.doneBytes);
    if (job.sizeBytes === undefined && !isFinished) this.#unknownSizes += by;
  }
}
