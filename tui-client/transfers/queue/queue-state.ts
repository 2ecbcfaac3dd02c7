import { DirectoryProgress } from './directory-progress.ts';
import type { Job } from './job.ts';
import { JobList } from './job-list.ts';
import { type JobEvent, reduceJob } from './job-reducer.ts';
import { JobTotals } from './job-totals.ts';

/** Called for each change that has to survive a crash. */
export interface JobLog {
  added(jobs: readonly Job[]): void;
  changed(before: Job, after: Job): void;
  removed(id: string): void;
}

/** All jobs with their sums. Changes go through the reducer, and into the log. */
export class QueueState {
  readonly list = new JobList();
  readonly totals = new JobTotals();
  readonly #directories = new DirectoryProgress(this.list);
  readonly #log: JobLog | undefined;
  readonly #onChange: () => void;

  constructor(log: JobLog | undefined, onChange: () => void) {
    this.#log = log;
    this.#onChange = onChange;
  }

  add(jobs: readonly Job[]): void {
    this.restore(jobs);
    this.#log?.added(jobs);
  }

  /** Jobs that the log knows. */
  restore(jobs: readonly Job[]): void {
    for (const job of jobs) {
      this.list.append(job);
      this.totals.add(job);
    }
    for (const job of jobs) this.#directories.changed(job, [undefined, job.state]);
    this.#onChange();
  }

  apply(id: string, event: JobEvent): void {
    const before = this.list.get(id);
    if (before === undefined) return;
    const after = reduceJob(before, event);
    if (after === before) return;
    this.totals.remove(before);
    this.list.replace(after);
    this.totals.add(after);
    this.#directories.changed(after, [before.state, after.state]);
    this.#log?.changed(before, after);
    this.#onChange();
  }

  remove(job: Job): void {
    this.totals.remove(job);
    this.#directories.changed(job, [job.state, undefined]);
    this.list.remove(job.id);
    this.#log?.removed(job.id);
    this.#onChange();
  }
}
