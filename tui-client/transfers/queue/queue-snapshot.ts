import type { Job } from './job.ts';
import type { Totals } from './job-totals.ts';
import type { QueueNotice } from './paused-directions.ts';
import type { QueueParts } from './queue-commands.ts';

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
  /** The next job that is tried again after it failed, and when, as `Clock.now()`; infinite while nothing is tried. */
  readonly nextTry: { readonly job: Job; readonly dueMs: number } | undefined;
}

/** @param limit files that may be moved at once. */
export function takeSnapshot(
  { state, workers, schedule, pausedDirections }: QueueParts,
  limit: number,
): QueueSnapshot {
  const rates = workers.rates();
  return {
    ...state.totals.snapshot(),
    jobs: state.list.toArray(),
    running: workers.ids.flatMap((id) => state.list.get(id) ?? []),
    rates,
    bytesPerSecond: [...rates.values()].reduce((sum, rate) => sum + rate, 0),
    workers: limit,
    isPaused: pausedDirections.isPaused,
    notices: pausedDirections.notices,
    nextTry: nextTryOf({ state, schedule }),
  };
}

function nextTryOf({
  state,
  schedule,
}: Pick<QueueParts, 'state' | 'schedule'>): QueueSnapshot['nextTry'] {
  const { nextTry } = schedule;
  const job = nextTry && state.list.get(nextTry.id);
  return job?.state === 'waiting' && nextTry ? { job, dueMs: nextTry.dueMs } : undefined;
}
