import { type ReactElement, useMemo } from 'react';
import { frameRows, insideFrame } from '../components/frame.ts';
import { Painted } from '../components/painted.tsx';
import {
  detailRows,
  filterRow,
  queueDetailRows,
  queueListRows,
} from '../components/queue-details.ts';
import { queueRow } from '../components/queue-row.ts';
import { paintRow } from '../components/spans.ts';
import type { Theme } from '../components/theme.ts';
import { totalsSpans } from '../components/transfer-strip.tsx';
import { countJobs } from '../state/queue-filter.ts';
import { jobUnderCursor, type QueueView, secondsLeft } from '../state/queue-view.ts';
import { byteRateText } from '../text/byte-rate.ts';
import { rate } from '../text/format.ts';
import type { Job } from '../transfers/queue/job.ts';

interface QueueProps {
  readonly theme: Theme;
  readonly queue: QueueView;
  readonly width: number;
  readonly height: number;
}

/** All transfers, those that are done and those that failed too. */
export function QueueScreen(props: QueueProps): ReactElement {
  const { theme, queue, width, height } = props;
  const rows = useMemo(
    () => queueRows({ theme, queue, width, height }),
    [theme, queue, width, height],
  );
  return <Painted rows={rows} width={width} />;
}

function noteOf({ workers, limitBytesPerSecond }: QueueView): string {
  const parallel = `${workers} parallel`;
  if (limitBytesPerSecond === undefined) return parallel;
  return `limit ${byteRateText(limitBytesPerSecond)}/s, ${parallel}`;
}

function queueRows(props: QueueProps): readonly string[] {
  const { theme, queue, width } = props;
  const shape = {
    width,
    border: 'borderActive' as const,
    title: titleOf(queue),
    titleRole: 'title' as const,
    note: noteOf(queue),
    bottom: totalsSpans(theme, { ...queue.totals, secondsLeft: secondsLeft(queue.totals) }),
  };
  const counts = countJobs(queue.jobs);
  return frameRows(theme, shape, [
    filterRow(theme, { width: insideFrame(width), filter: queue.filter, counts }),
    ...jobRows(props),
    ...cursorDetails(props),
  ]);
}

function jobRows({ theme, queue, width, height }: QueueProps): readonly string[] {
  const inside = insideFrame(width);
  const count = queueListRows(height);
  const shown = queue.shown.slice(queue.top, queue.top + count);
  return Array.from({ length: count }, (_, index) => {
    const job = shown[index];
    if (job === undefined) {
      const text = index === 0 && queue.shown.length === 0 ? emptyText(queue) : '';
      return paintRow(theme, [['dim', text]], { width: inside });
    }
    const cursor = queue.top + index === queue.cursor ? 'here' : 'elsewhere';
    return queueRow({ ...progressOf(queue, job), theme, width: inside, cursor });
  });
}

function cursorDetails({ theme, queue, width, height }: QueueProps): readonly string[] {
  const count = queueDetailRows(height);
  const job = jobUnderCursor(queue);
  if (count === 0) return [];
  if (job !== undefined) return detailRows(width, { ...progressOf(queue, job), theme });
  return Array.from({ length: count }, () => ' '.repeat(insideFrame(width)));
}

function progressOf({ rates, nextTry }: QueueView, job: Job) {
  return {
    job,
    bytesPerSecond: rates.get(job.id) ?? 0,
    triedInSeconds: nextTry?.job.id === job.id ? nextTry.inSeconds : undefined,
  };
}

function emptyText({ jobs, filter }: QueueView): string {
  if (jobs.length === 0 || filter === 'all') return '  No transfers.';
  return filter === 'failed' ? '  No failed transfers.' : `  No ${filter} transfers.`;
}

function titleOf({ totals, isPaused }: QueueView): string {
  if (isPaused) return 'Transfers   all paused';
  const { running, bytesPerSecond } = totals;
  return running === 0 ? 'Transfers' : `Transfers   ${running} running   ${rate(bytesPerSecond)}`;
}
