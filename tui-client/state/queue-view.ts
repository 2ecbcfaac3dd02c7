import type { Job } from '../transfers/job.ts';

/** What the queue screen and the strip below the panes show. */
export interface QueueView {
  readonly jobs: readonly Job[];
  /** Those that are worked on. */
  readonly running: readonly Job[];
  /** Bytes per second, of those. */
  readonly rates: ReadonlyMap<string, number>;
  readonly totals: QueueTotals;
  readonly workers: number;
  readonly isPaused: boolean;
  /** Octets a second for all transfers together; undefined without a limit. */
  readonly limitBytesPerSecond: number | undefined;
  readonly cursor: number;
  readonly top: number;
  readonly height: number;
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
    } & Pick<QueueView, 'jobs' | 'running' | 'rates' | 'totals' | 'workers' | 'isPaused'>)
  | { readonly type: 'limited'; readonly bytesPerSecond: number | undefined }
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
    running: [],
    rates: new Map(),
    totals: NOTHING,
    workers: 3,
    isPaused: false,
    limitBytesPerSecond: undefined,
    cursor: 0,
    top: 0,
    height: 10,
  };
}

export function jobUnderCursor(view: QueueView): Job | undefined {
  return view.jobs[view.cursor];
}

export function updateQueueView(view: QueueView, event: QueueViewEvent): QueueView {
  switch (event.type) {
    case 'changed': {
      const { type: _, ...changed } = event;
      const { jobs } = changed;
      const id = jobUnderCursor(view)?.id;
      const at = jobs[view.cursor]?.id === id ? -1 : jobs.findIndex((job) => job.id === id);
      return stoodOn({ ...view, ...changed }, at < 0 ? view.cursor : at);
    }
    case 'limited':
      return { ...view, limitBytesPerSecond: event.bytesPerSecond };
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

/** Seconds to the end at this rate; undefined while nothing moves or nobody knows how much there is. */
export function secondsLeft(totals: QueueTotals): number | undefined {
  if (totals.bytesPerSecond <= 0 || totals.isAtLeast) return undefined;
  return Math.max(0, (totals.totalBytes - totals.doneBytes) / totals.bytesPerSecond);
}

function stoodOn(view: QueueView, index: number): QueueView {
  const cursor = Math.max(0, Math.min(index, view.jobs.length - 1));
  const lowest = Math.max(0, view.jobs.length - view.height);
  const top = Math.min(Math.max(view.top, cursor - view.height + 1), cursor, lowest);
  return { ...view, cursor, top };
}
