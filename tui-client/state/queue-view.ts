import type { Job } from '../transfers/queue/job.ts';
import { filterJobs, type QueueFilter } from './queue-filter.ts';

/** What the queue screen and the strip below the panes show. */
export interface QueueView {
  /** All of them, whatever the filter is. */
  readonly jobs: readonly Job[];
  readonly filter: QueueFilter;
  /** The jobs that the filter leaves: what the cursor goes through. */
  readonly shown: readonly Job[];
  /** Those that are worked on. */
  readonly running: readonly Job[];
  /** Bytes per second, of those. */
  readonly rates: ReadonlyMap<string, number>;
  readonly totals: QueueTotals;
  readonly workers: number;
  readonly isPaused: boolean;
  /** Octets a second for all transfers together; undefined without a limit. */
  readonly limitBytesPerSecond: number | undefined;
  readonly nextTry: NextTry | undefined;
  readonly cursor: number;
  readonly top: number;
  readonly height: number;
}

/** A job that failed, and how soon it is tried again: infinite while nothing is tried. */
export interface NextTry {
  readonly job: Job;
  readonly inSeconds: number;
}

export interface QueueTotals {
  readonly running: number;
  readonly waiting: number;
  readonly paused: number;
  readonly failed: number;
  readonly done: number;
  readonly doneBytes: number;
  readonly totalBytes: number;
  /** Some sizes, or what directories hold, are not known yet. */
  readonly isAtLeast: boolean;
  readonly bytesPerSecond: number;
}

export type QueueViewEvent =
  | ({
      readonly type: 'changed';
    } & Pick<
      QueueView,
      'jobs' | 'running' | 'rates' | 'totals' | 'workers' | 'isPaused' | 'nextTry'
    >)
  | { readonly type: 'limited'; readonly bytesPerSecond: number | undefined }
  | { readonly type: 'filtered'; readonly filter: QueueFilter }
  | { readonly type: 'movedToJob'; readonly id: string }
  | { readonly type: 'moved'; readonly by: number }
  | { readonly type: 'paged'; readonly by: number }
  | { readonly type: 'movedTo'; readonly index: number }
  | { readonly type: 'resized'; readonly height: number };

const NOTHING: QueueTotals = {
  running: 0,
  waiting: 0,
  paused: 0,
  failed: 0,
  done: 0,
  doneBytes: 0,
  totalBytes: 0,
  isAtLeast: false,
  bytesPerSecond: 0,
};

export function newQueueView(): QueueView {
  return {
    jobs: [],
    filter: 'all',
    shown: [],
    running: [],
    rates: new Map(),
    totals: NOTHING,
    workers: 3,
    isPaused: false,
    limitBytesPerSecond: undefined,
    nextTry: undefined,
    cursor: 0,
    top: 0,
    height: 10,
  };
}

export function jobUnderCursor(view: QueueView): Job | undefined {
  return view.shown[view.cursor];
}

/** The failed job that comes next, after the last one the first again, whatever the filter shows. */
export function nextFailedJob({ jobs, shown, cursor }: QueueView): Job | undefined {
  const here = shown[cursor];
  const start = here === undefined ? 0 : jobs.indexOf(here) + 1;
  const isFailed = ({ state }: Job) => state === 'failed';
  return jobs.slice(start).find(isFailed) ?? jobs.find(isFailed);
}

export function updateQueueView(view: QueueView, event: QueueViewEvent): QueueView {
  switch (event.type) {
    case 'changed': {
      const { type: _, ...changed } = event;
      return reshown({ ...view, ...changed }, jobUnderCursor(view)?.id);
    }
    case 'limited':
      return { ...view, limitBytesPerSecond: event.bytesPerSecond };
    case 'filtered':
      return reshown({ ...view, filter: event.filter }, jobUnderCursor(view)?.id);
    case 'movedToJob':
      return reshown(view, event.id);
    case 'moved':
      return stoodOn(view, view.cursor + event.by);
    case 'paged':
      return stoodOn(view, view.cursor + event.by * Math.max(1, view.height - 1));
    case 'movedTo':
      return stoodOn(view, event.index);
    case 'resized':
      return stoodOn({ ...view, height: Math.max(1, event.height) }, view.cursor);
  }
}

/** Seconds to the end at this rate; undefined while nothing moves or the total is not known. */
export function secondsLeft(totals: QueueTotals): number | undefined {
  if (totals.bytesPerSecond <= 0 || totals.isAtLeast) return undefined;
  return Math.max(0, (totals.totalBytes - totals.doneBytes) / totals.bytesPerSecond);
}

/** With the rows that follow from jobs and filter, and the cursor on a job if that is one of them. */
function reshown(view: QueueView, id: string | undefined): QueueView {
  const shown = filterJobs(view.jobs, view.filter);
  const isThere = shown[view.cursor]?.id === id;
  const index = isThere || id === undefined ? -1 : shown.findIndex((job) => job.id === id);
  return stoodOn({ ...view, shown }, index < 0 ? view.cursor : index);
}

function stoodOn(view: QueueView, index: number): QueueView {
  const cursor = Math.max(0, Math.min(index, view.shown.length - 1));
  const lowest = Math.max(0, view.shown.length - view.height);
  const top = Math.min(Math.max(view.top, cursor - view.height + 1), cursor, lowest);
  return { ...view, cursor, top };
}
