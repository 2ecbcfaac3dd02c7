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
  /** From here on the target is this job's. Under another name, if both are kept. */
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

const ACTIVE: readonly JobState[] = ['running', 'checking'];

/** In which states an event means anything; in others it comes too late and changes nothing. */
const HAPPENS_IN: Readonly<Record<EventType, readonly JobState[]>> = {
  started: ['waiting'],
  sized: ACTIVE,
  begun: ACTIVE,
  moved: ACTIVE,
  checking: ACTIVE,
  asked: ACTIVE,
  answered: ['asking'],
  finished: ACTIVE,
  skipped: [...ACTIVE, 'asking', 'waiting'],
  failed: [...ACTIVE, 'asking', 'waiting'],
  postponed: ACTIVE,
  paused: [...ACTIVE, 'waiting', 'asking'],
  resumed: ['paused'],
  retried: ['failed', 'skipped'],
};

/** The job after an event. The same object if the event changes nothing. */
export function reduceJob(job: Job, event: JobEvent): Job {
  if (!HAPPENS_IN[event.type].includes(job.state)) return job;
  switch (event.type) {
    case 'started':
      return { ...job, state: 'running', error: undefined };
    case 'sized':
      return { ...job, sizeBytes: event.sizeBytes, modifiedMs: event.modifiedMs };
    case 'begun':
      return { ...job, isBegun: true, to: event.to, doneBytes: event.doneBytes };
    case 'moved':
      return { ...job, doneBytes: event.doneBytes };
    case 'checking':
      return { ...job, state: 'checking' };
    case 'asked':
      return { ...job, state: 'asking' };
    case 'answered':
      return { ...job, state: 'waiting', policy: event.policy };
    default:
      return reduceEnd(job, event);
  }
}

type EndEvent = Extract<
  JobEvent,
  { type: 'finished' | 'skipped' | 'failed' | 'postponed' | 'paused' | 'resumed' | 'retried' }
>;

function reduceEnd(job: Job, event: EndEvent): Job {
  switch (event.type) {
    case 'finished':
      return {
        ...job,
        state: 'done',
        doneBytes: job.sizeBytes ?? job.doneBytes,
        verified: event.verified,
        note: event.note,
      };
    case 'skipped':
      return { ...job, state: 'skipped', note: event.note };
    case 'failed':
      return { ...job, state: 'failed', tries: job.tries + 1, error: event.error };
    case 'postponed':
      return { ...job, state: 'waiting', tries: job.tries + 1, error: event.error };
    case 'paused':
      return { ...job, state: 'paused' };
    case 'resumed':
      return { ...job, state: 'waiting' };
    case 'retried':
      return { ...job, state: 'waiting', tries: 0, error: undefined, note: undefined };
  }
}
