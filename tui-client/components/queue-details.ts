import { QUEUE_FILTERS, type QueueFilter } from '../state/queue-filter.ts';
import { displayName } from '../text/format.ts';
import { cutStart, widthOf } from '../text/text-width.ts';
import type { Job } from '../transfers/queue/job.ts';
import { insideFrame } from './frame.ts';
import { type JobProgress, outcome } from './job-words.ts';
import { paintRow, type Span } from './spans.ts';
import type { Theme } from './theme.ts';
import { directionSign } from './transfer-row.ts';

const BORDERS = 2;
const FILTER_ROWS = 1;
const DETAIL_ROWS = 3;
/** With fewer rows the list has all of them. */
const ROWS_FOR_DETAILS = 12;

/** Rows of the queue for jobs. */
export function queueListRows(height: number): number {
  const details = height >= ROWS_FOR_DETAILS ? DETAIL_ROWS : 0;
  return Math.max(1, height - BORDERS - FILTER_ROWS - details);
}

/** Rows below the list, for the job under the cursor. */
export function queueDetailRows(height: number): number {
  return height >= ROWS_FOR_DETAILS ? DETAIL_ROWS : 0;
}

const FILTER_WORDS: Readonly<Record<QueueFilter, string>> = {
  all: 'All',
  running: 'Running',
  failed: 'Failed',
  done: 'Done',
};

interface FilterRow {
  readonly width: number;
  readonly filter: QueueFilter;
  readonly counts: Readonly<Record<QueueFilter, number>>;
}

/** As `[All 12]  Running 3  Failed 1  Done 8`. */
export function filterRow(theme: Theme, { width, filter, counts }: FilterRow): string {
  const spans = QUEUE_FILTERS.map((one): Span => {
    const text = `${FILTER_WORDS[one]} ${counts[one]}`;
    if (one === filter) return ['title', `[${text}]`];
    return [one === 'failed' && counts.failed > 0 ? 'bad' : 'dim', ` ${text} `];
  });
  return paintRow(theme, spans, { width });
}

/** A rule, where the job goes from and to, and all that there is room for of how it went. */
export function detailRows(width: number, progress: JobProgress): readonly string[] {
  const { theme, job } = progress;
  const inside = insideFrame(width);
  const isFailed = job.state === 'failed';
  return [
    paintRow(theme, [['dim', theme.borders.horizontal.repeat(inside)]], { width: inside }),
    paintRow(theme, [' ', ['dim', pathsText(theme, job, inside - 1)]], { width: inside }),
    paintRow(theme, [' ', [isFailed ? 'bad' : 'plain', outcome(progress).trim()]], {
      width: inside,
    }),
  ];
}

/** Both paths, each with its end. */
function pathsText(theme: Theme, job: Job, width: number): string {
  const from = displayName(job.from);
  const to = displayName(job.to);
  const sign = ` ${directionSign(theme, job)} `;
  const room = width - widthOf(sign);
  const fromWidth = Math.max(Math.floor(room / 2), room - widthOf(to));
  const shownFrom = cutStart(from, fromWidth, theme.signs.cut);
  return `${shownFrom}${sign}${cutStart(to, room - widthOf(shownFrom), theme.signs.cut)}`;
}
