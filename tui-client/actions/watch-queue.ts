import type { AppContext } from '../context/app-context.ts';
import { parentOf } from '../state/path-parts.ts';
import type { NextTry, QueueTotals } from '../state/queue-view.ts';
import type { Side } from '../state/ui.ts';
import { systemClock } from '../transfers/queue/clock.ts';
import type { QueueSnapshot } from '../transfers/queue/queue-snapshot.ts';
import type { TransferQueue } from '../transfers/queue/transfer-queue.ts';
import { refreshDirectory } from './read-directory.ts';
import { updateQuota } from './update-quota.ts';

/** Rates fall to nothing, and time passes until the next try, without an event. */
const LOOKED_AGAIN_MS = 1000;
const SECOND_MS = 1000;
/** What has arrived is shown no more often than that. */
const REFRESHED_AFTER_MS = 1500;

/** Shows what the queue does, and in the panes what has arrived. */
export function watchQueue(app: AppContext, queue: TransferQueue): () => void {
  const watch = new QueueWatch(app, queue);
  queue.on('change', watch.onChange);
  return () => {
    queue.off('change', watch.onChange);
    watch.stop();
  };
}

class QueueWatch {
  readonly #app: AppContext;
  readonly #queue: TransferQueue;
  #finished = 0;
  #noticeCount = 0;
  #again: NodeJS.Timeout | undefined;
  #refresh: NodeJS.Timeout | undefined;

  constructor(app: AppContext, queue: TransferQueue) {
    this.#app = app;
    this.#queue = queue;
  }

  stop(): void {
    clearTimeout(this.#again);
    clearTimeout(this.#refresh);
  }

  readonly onChange = (): void => {
    const snapshot = this.#queue.snapshot();
    this.#app.ui.dispatch({ type: 'queue', event: viewOf(snapshot) });
    const { done, failed } = snapshot.counts;
    if (done + failed !== this.#finished) this.#refreshSoon();
    this.#finished = done + failed;
    this.#notifyStop(snapshot);
    clearTimeout(this.#again);
    const isCounted = snapshot.counts.running > 0 || Number.isFinite(snapshot.nextTry?.dueMs);
    if (isCounted) this.#again = setTimeout(this.onChange, LOOKED_AGAIN_MS);
  };

  /** A direction that was stopped waits for the user: the reason must not only stand in the queue. */
  #notifyStop({ notices }: QueueSnapshot): void {
    if (notices.length > this.#noticeCount) {
      const notice = notices.at(-1);
      const what = notice?.direction === 'upload' ? 'Uploads' : 'Downloads';
      const hint = this.#app.keymap.hint('files', 'queue', ' shows them.');
      this.#app.ui.notify(`${what} paused: ${notice?.error.message ?? ''}  ${hint}`, 'bad');
    }
    this.#noticeCount = notices.length;
  }

  #refreshSoon(): void {
    this.#refresh ??= setTimeout(() => {
      this.#refresh = undefined;
      for (const side of ['left', 'right'] as const) this.#refreshIfTarget(side);
      this.#app.tasks.start(() => updateQuota(this.#app));
    }, REFRESHED_AFTER_MS);
  }

  #refreshIfTarget(side: Side): void {
    const pane = this.#app.ui.get().panes[side];
    const direction = pane.place === 'remote' ? 'upload' : 'download';
    const isTarget = this.#queue
      .snapshot()
      .jobs.some((job) => job.direction === direction && parentOf(job.to) === pane.path);
    if (!isTarget || pane.isLoading || this.#app.places.listings.has(side)) return;
    this.#app.tasks.start(async () => {
      await refreshDirectory(this.#app, side);
    });
  }
}

function viewOf(snapshot: QueueSnapshot) {
  const { counts, rates } = snapshot;
  const totals: QueueTotals = {
    running: counts.running + counts.checking,
    waiting: counts.waiting + counts.asking,
    paused: counts.paused,
    failed: counts.failed,
    done: counts.done,
    doneBytes: snapshot.doneBytes,
    totalBytes: snapshot.totalBytes,
    isAtLeast: !snapshot.isTotalKnown,
    bytesPerSecond: snapshot.bytesPerSecond,
  };
  const { jobs, running, workers, isPaused } = snapshot;
  const nextTry = nextTryIn(snapshot);
  return { type: 'changed', jobs, running, rates, totals, workers, isPaused, nextTry } as const;
}

function nextTryIn({ nextTry }: QueueSnapshot): NextTry | undefined {
  if (nextTry === undefined) return undefined;
  const leftMs = Math.max(0, nextTry.dueMs - systemClock.now());
  return { job: nextTry.job, inSeconds: Math.ceil(leftMs / SECOND_MS) };
}
