import { expect, test } from '@jest/globals';
import type { Job } from '../transfers/queue/job.ts';
import { countJobs, filterJobs, nextFilter, QUEUE_FILTERS } from './queue-filter.ts';
import {
  jobUnderCursor,
  newQueueView,
  nextFailedJob,
  type QueueView,
  updateQueueView,
} from './queue-view.ts';

function job(id: string, change: Partial<Job> = {}): Job {
  return {
    id,
    direction: 'upload',
    kind: 'file',
    from: `/home/${id}`,
    to: `/${id}`,
    site: 'work',
    sizeBytes: 10,
    modifiedMs: undefined,
    policy: 'ask',
    state: 'waiting',
    doneBytes: 0,
    tries: 0,
    ...change,
  };
}

const jobs: readonly Job[] = [
  job('tree', { kind: 'directory', state: 'done', below: 'failed' }),
  job('a', { state: 'done' }),
  job('b', { state: 'failed' }),
  job('c', { state: 'running' }),
  job('d', { state: 'asking' }),
  job('e', { state: 'skipped' }),
  job('f', { state: 'failed' }),
  job('g', { state: 'paused' }),
];

const idsOf = (shown: readonly Job[]) => shown.map(({ id }) => id).join('');

function withJobs(all: readonly Job[], view: QueueView = newQueueView()): QueueView {
  const { running, rates, totals, workers, isPaused, nextTry } = view;
  const rest = { running, rates, totals, workers, isPaused, nextTry };
  return updateQueueView(view, { type: 'changed', jobs: all, ...rest });
}

test('each filter shows as many as it counts', () => {
  const counts = countJobs(jobs);
  expect(counts).toEqual({ all: 8, running: 2, failed: 2, done: 2 });
  for (const filter of QUEUE_FILTERS) {
    expect(filterJobs(jobs, filter)).toHaveLength(counts[filter]);
  }
  expect(idsOf(filterJobs(jobs, 'running'))).toBe('cd');
  expect(idsOf(filterJobs(jobs, 'done'))).toBe('ae');
  expect(filterJobs(jobs, 'all')).toBe(jobs);
});

test('a key goes through the filters and comes back', () => {
  expect(QUEUE_FILTERS.map(nextFilter)).toEqual(['running', 'failed', 'done', 'all']);
});

test('the cursor stays on its job when the filter changes, and when others leave the filter', () => {
  let view = updateQueueView(withJobs(jobs), { type: 'movedToJob', id: 'f' });
  view = updateQueueView(view, { type: 'filtered', filter: 'failed' });
  expect(idsOf(view.shown)).toBe('bf');
  expect(jobUnderCursor(view)?.id).toBe('f');
  view = withJobs(
    jobs.map((one) => (one.id === 'b' ? { ...one, state: 'waiting' } : one)),
    view,
  );
  expect(idsOf(view.shown)).toBe('f');
  expect(jobUnderCursor(view)?.id).toBe('f');
});

test('the next failed job is found below the cursor, and then from the top', () => {
  let view = withJobs(jobs);
  const goOn = () => {
    view = updateQueueView(view, { type: 'movedToJob', id: nextFailedJob(view)?.id ?? '' });
    return jobUnderCursor(view)?.id;
  };
  expect([goOn(), goOn(), goOn()]).toEqual(['b', 'f', 'b']);
  expect(nextFailedJob(withJobs(jobs.slice(0, 2)))).toBeUndefined();
});
