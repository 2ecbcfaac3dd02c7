import type { Job } from '../transfers/queue/job.ts';

/** What the queue shows, in the order in which a key goes through them. */
export const QUEUE_FILTERS = ['all', 'running', 'failed', 'done'] as const;

export type QueueFilter = (typeof QUEUE_FILTERS)[number];

export function nextFilter(filter: QueueFilter): QueueFilter {
  const index = QUEUE_FILTERS.indexOf(filter);
  return QUEUE_FILTERS[(index + 1) % QUEUE_FILTERS.length] ?? 'all';
}

/** The same list if all of it is shown. */
export function filterJobs(jobs: readonly Job[], filter: QueueFilter): readonly Job[] {
  return filter === 'all' ? jobs : jobs.filter((job) => filterOf(job) === filter);
}

/** How many jobs each filter shows. */
export function countJobs(jobs: readonly Job[]): Readonly<Record<QueueFilter, number>> {
  const counts = { all: jobs.length, running: 0, failed: 0, done: 0 };
  for (const job of jobs) {
    const filter = filterOf(job);
    if (filter !== undefined) counts[filter]++;
  }
  return counts;
}

/** Undefined for what waits or is paused, and for a directory with files that have not ended well. */
function filterOf({ state, below }: Job): Exclude<QueueFilter, 'all'> | undefined {
  switch (state) {
    case 'running':
    case 'checking':
    case 'asking':
      return 'running';
    case 'failed':
      return 'failed';
    case 'done':
    case 'skipped':
      return below === undefined ? 'done' : undefined;
    case 'waiting':
    case 'paused':
      return undefined;
  }
}
