import { expect, test } from '@jest/globals';
import type { Job } from '../transfers/queue/job.ts';
import {
  jobUnderCursor,
  newQueueView,
  type QueueView,
  secondsLeft,
  updateQueueView,
} from './queue-view.ts';

function job(id: string): Job {
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
  };
}

function changed(view: QueueView, ...ids: readonly string[]): QueueView {
  return updateQueueView(view, {
    type: 'changed',
    jobs: ids.map(job),
    running: [],
    rates: new Map(),
    totals: view.totals,
    workers: 3,
    isPaused: false,
    nextTry: undefined,
  });
}

test('the cursor stays on its job when others come and go', () => {
  const view = updateQueueView(changed(newQueueView(), 'a', 'b', 'c'), { type: 'moved', by: 1 });
  expect(jobUnderCursor(changed(view, 'x', 'a', 'c', 'b'))?.id).toBe('b');
  expect(jobUnderCursor(changed(view, 'a', 'c'))?.id).toBe('c');
  expect(jobUnderCursor(changed(view))).toBeUndefined();
});

test('time left is only told when the end is known', () => {
  const totals = { ...newQueueView().totals, doneBytes: 20, totalBytes: 120, bytesPerSecond: 50 };
  expect(secondsLeft(totals)).toBe(2);
  expect(secondsLeft({ ...totals, isAtLeast: true })).toBeUndefined();
  expect(secondsLeft({ ...totals, bytesPerSecond: 0 })).toBeUndefined();
});
