import type { ConflictPolicy, Job, JobError, JobState } from './job.ts';

/** What happens to one job. */
export type JobEvent =
  | { readonly type: 'started' }
  /** The source's size and time as they are now. */
  | {
      readonly type: 'sized';
      readonly sizeBytes: number | undefined;
      readonly modifiedMs: number | undefined;
    }
  /** From here on the target is this job's; under another name, if both are kept. */
  | { readonly type: 'begun'; readonly to: string; readonly doneBytes: number }
  | { readonly type: 'moved'; readonly doneBytes: number }
  | { readonly type: 'checking' }
  | { readonly type: 'asked' }
  | { readonly type: 'answered'; readonly policy: ConflictPolicy }
  | {
      readonly type: 'finished';
      readonly verified: Job['verified'];
      readonly note?: string | undefined;
    }
  | { readonly type: 'skipped'; readonly note: string }
  | { readonly type: 'failed'; readonly error: JobError }
  /** Failed, but it will be tried again. */
  | { readonly type: 'postponed'; readonly error: JobError }
  | { readonly type: 'paused' }
  | { readonly type: 'resumed' }
  | { readonly type: 'retried' };

type EventType = JobEvent['type'];

interface Transition<Type extends EventType> {
  /** In other states the event comes too late and changes nothing. */
  readonly from: readonly JobState[];
  readonly change: (job: Job, event: Extract<JobEvent, { type: Type }>) => Partial<Job>;
}

const ACTIVE: readonly JobState[] = ['running', 'checking'];

const TRANSITIONS: { readonly [Type in EventType]: Transition<Type> } = {
  started: { from: ['waiting'], change: () => ({ state: 'running', error: undefined }) },
  sized: { from: ACTIVE, change: (_, { sizeBytes, modifiedMs }) => ({ sizeBytes, modifiedMs }) },
  begun: {
    from: ACTIVE,
    change: (_, { to, doneBytes }) => ({ state: 'running', isBegun: true, to, doneBytes }),
  },
  // An attempt that is paused reports at its end how much it has kept.
  moved: { from: [...ACTIVE, 'paused'], change: (_, { doneBytes }) => ({ doneBytes }) },
  checking: { from: ACTIVE, change: () => ({ state: 'checking' }) },
  asked: { from: ACTIVE, change: () => ({ state: 'asking' }) },
  answered: { from: ['asking'], change: (_, { policy }) => ({ state: 'waiting', policy }) },
  finished: {
    from: ACTIVE,
    change: ({ sizeBytes, doneBytes }, { verified, note }) => ({
      state: 'done',
      doneBytes: sizeBytes ?? doneBytes,
      verified,
      note,
    }),
  },
  skipped: {
    from: [...ACTIVE, 'asking', 'waiting'],
    change: (_, { note }) => ({ state: 'skipped', note }),
  },
  failed: {
    from: [...ACTIVE, 'asking', 'waiting'],
    change: ({ tries }, { error }) => ({ state: 'failed', tries: tries + 1, error }),
  },
  postponed: {
    from: ACTIVE,
    change: ({ tries }, { error }) => ({ state: 'waiting', tries: tries + 1, error }),
  },
  paused: { from: [...ACTIVE, 'waiting', 'asking'], change: () => ({ state: 'paused' }) },
  resumed: { from: ['paused'], change: () => ({ state: 'waiting' }) },
  retried: {
    from: ['failed', 'skipped'],
    change: () => ({ state: 'waiting', tries: 0, error: undefined, note: undefined }),
  },
};

/** The job after an event. The same object if the event changes nothing. */
export function reduceJob(job: Job, event: JobEvent): Job {
  if (event.type === 'moved' && event.doneBytes === job.doneBytes) return job;
  const { from, change } = TRANSITIONS[event.type] as Transition<EventType>;
  return from.includes(job.state) ? { ...job, ...change(job, event) } : job;
}
