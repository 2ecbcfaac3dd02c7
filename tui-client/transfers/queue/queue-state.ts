import { Below } from './below.ts';
import type { Job } from './job.ts';
import { JobList } from './job-list.ts';
import { type JobEvent, reduceJob } from './job-reducer.ts';
import { Tally } from './tally.ts';

/** Called for each change that has to survive a crash. */
export interface JobLog {
  added(jobs: readonly Job[]): void;
  changed(before: Job, after: Job): void;
  removed(id: string): void;
}

/** All jobs with their sums. Changes go through the reducer, and into the log. */
export class QueueState {
  readonly list = new JobList();
  readonly tally = new Tally();
  readonly #below = new Below(this.list);
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
      this.tally.add(job);
    }
    for (const job of jobs) this.#below.changed(job, [undefined, job.state]);
    this.#onChange();
  }

  apply(id: string, event: JobEvent): void {
    const before = this.list.get(id);
    if (before === undefined) return;
    const after = reduceJob(before, event);
    if (after === before) return;
    this.tally.remove(before);
    this.list.replace(after);
    this.tally.add(after);
    this.#below.changed(after, [before.state, after.state]);
    this.#log?.changed(before, after);
    this.#onChange();
  }

  remove(job: Job): void {
    this.tally.remove(job);
    this.#below.changed(job, [job.state, undefined]);
    this.list.remove(job.id);
    this.#log?.removed(job.id);
    this.#onChange();
  }
}
