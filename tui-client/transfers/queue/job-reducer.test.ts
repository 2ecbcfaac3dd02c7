import { expect, test } from '@jest/globals';
import type { Job, JobState } from './job.ts';
import { type JobEvent, reduceJob } from './job-reducer.ts';

const JOB: Job = {
  id: '1',
  direction: 'download',
  kind: 'file',
  from: '/a',
  to: '/here/a',
  site: 'test',
  sizeBytes: 100,
  modifiedMs: 1000,
  policy: 'ask',
  state: 'waiting',
  doneBytes: 0,
  tries: 0,
};

const ERROR = { kind: 'network', message: 'The connection was lost.' } as const;

function after(job: Job, ...events: JobEvent[]): Job {
  return events.reduce(reduceJob, job);
}

test('a job goes from waiting over running and checking to done', () => {
  const states: JobState[] = [];
  let job = JOB;
  const events: JobEvent[] = [
    { type: 'started' },
    { type: 'begun', to: '/here/a (1)', doneBytes: 0 },
    { type: 'moved', doneBytes: 100 },
    { type: 'checking' },
    { type: 'finished', verified: 'unavailable' },
  ];
  for (const event of events) {
    job = reduceJob(job, event);
    states.push(job.state);
  }
  expect(states).toEqual(['running', 'running', 'running', 'checking', 'done']);
  expect(job).toMatchObject({ to: '/here/a (1)', doneBytes: 100, verified: 'unavailable' });
});

test('a conflict waits for an answer, and the answer is the policy of the next try', () => {
  const asking = after(JOB, { type: 'started' }, { type: 'asked' });
  expect(asking.state).toBe('asking');
  expect(after(asking, { type: 'answered', policy: 'overwrite' })).toMatchObject({
    state: 'waiting',
    policy: 'overwrite',
  });
});

test('each failed try counts, a retry by the user starts counting anew and keeps what has come', () => {
  const postponed = after(
    JOB,
    { type: 'started' },
    { type: 'moved', doneBytes: 40 },
    { type: 'postponed', error: ERROR },
  );
  expect(postponed).toMatchObject({ state: 'waiting', tries: 1, error: ERROR, doneBytes: 40 });
  const failed = after(postponed, { type: 'started' }, { type: 'failed', error: ERROR });
  expect(failed).toMatchObject({ state: 'failed', tries: 2, error: ERROR });
  expect(reduceJob(failed, { type: 'retried' })).toMatchObject({
    state: 'waiting',
    tries: 0,
    error: undefined,
    doneBytes: 40,
  });
});

test('an attempt that is paused still reports how much it has kept, one that has ended does not', () => {
  const moved = { type: 'moved', doneBytes: 50 } as const;
  const paused = after(JOB, { type: 'started' }, { type: 'paused' });
  expect(reduceJob(paused, moved)).toMatchObject({ state: 'paused', doneBytes: 50 });
  const done = after(JOB, { type: 'started' }, { type: 'finished', verified: undefined });
  expect(reduceJob(done, moved)).toBe(done);
});

test('what comes too late changes nothing', () => {
  const paused = after(JOB, { type: 'started' }, { type: 'paused' });
  const late: JobEvent[] = [
    { type: 'checking' },
    { type: 'finished', verified: 'unavailable' },
    { type: 'failed', error: ERROR },
    { type: 'postponed', error: ERROR },
    { type: 'started' },
  ];
  for (const event of late) expect(reduceJob(paused, event)).toBe(paused);
  const done = after(JOB, { type: 'started' }, { type: 'finished', verified: undefined });
  for (const event of [...late, { type: 'paused' } as const, { type: 'retried' } as const]) {
    expect(reduceJob(done, event)).toBe(done);
  }
});
