import type { Job, JobError } from './job.ts';
import type { Totals } from './tally.ts';

/** Why a direction has been stopped. */
export interface QueueNotice {
  readonly direction: Job['direction'];
  readonly error: JobError;
}

/** The queue at one moment. */
export interface QueueSnapshot extends Totals {
  /** In order, directories among them. */
  readonly jobs: readonly Job[];
  /** Those that are worked on, in the order in which they were begun. */
  readonly running: readonly Job[];
  /** Of jobs that are running. */
  readonly rates: ReadonlyMap<string, number>;
  readonly bytesPerSecond: number;
  readonly workers: number;
  /** All of it, by the user. */
  readonly isPaused: boolean;
  readonly notices: readonly QueueNotice[];
}
