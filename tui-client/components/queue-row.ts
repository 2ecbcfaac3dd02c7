import { displayName, shortBytes } from '../text/format.ts';
import { cutStart, padEnd, padStart } from '../text/text-width.ts';
import type { Job, JobState } from '../transfers/queue/job.ts';
import { failureReason, type JobProgress, outcome } from './job-words.ts';
import { paintRow, type Span } from './spans.ts';
import type { Role, Signs } from './theme.ts';
import { directionSign, nameCell, PERCENT_WIDTH, percentOf, stateRoles } from './transfer-row.ts';

const SIZE_WIDTH = 8;

const stateSigns: Readonly<Record<JobState, keyof Signs>> = {
  waiting: 'waiting',
  running: 'running',
  paused: 'paused',
  checking: 'checking',
  asking: 'asking',
  done: 'done',
  skipped: 'skipped',
  failed: 'failed',
};

interface QueueRowProps extends JobProgress {
  readonly width: number;
  readonly cursor: 'here' | 'elsewhere';
}

/** In the queue: a job with its state, its target and how it went. Of one that failed, the reason is first. */
export function queueRow(props: QueueRowProps): string {
  const { theme, width, job } = props;
  const { sign: signName, role } = stateLook(job);
  const sign = theme.signs[signName];
  const [facts, result] =
    job.state === 'failed' ? failedCells(props) : [factCells(props), outcome(props)];
  if (props.cursor === 'here') {
    const text = ` ${sign} ${directionSign(theme, job)} ${facts}  ${result}`;
    return paintRow(theme, [text], { width, base: 'cursor' });
  }
  const spans: Span[] = [
    ' ',
    [role, sign],
    ` ${directionSign(theme, job)} ${facts}  `,
    [job.state === 'failed' ? 'bad' : 'dim', result],
  ];
  return paintRow(theme, spans, { width });
}

function factCells({ theme, width, job }: QueueRowProps): string {
  const rest = restWidth(width);
  const targetWidth = width >= 70 ? Math.floor(rest * 0.18) : 0;
  const target = cutStart(
    displayName(directoryOf(job.to)),
    Math.max(0, targetWidth - 1),
    theme.signs.cut,
  );
  return [
    nameCell(theme, job, nameWidthIn(width)),
    ' ',
    padEnd(target, targetWidth),
    padStart(hasEnded(job) ? '' : percentOf(job), PERCENT_WIDTH),
    padStart(shortBytes(job.sizeBytes), SIZE_WIDTH),
  ].join('');
}

function hasEnded({ state }: Job): boolean {
  return state === 'done' || state === 'skipped';
}

/** The name and, with all the room that is left, the reason. */
function failedCells({ theme, width, job }: QueueRowProps): readonly [string, string] {
  return [nameCell(theme, job, nameWidthIn(width)), displayName(failureReason(job))];
}

/** Columns besides signs, percentage and size. */
function restWidth(width: number): number {
  return Math.max(0, width - 5 - PERCENT_WIDTH - SIZE_WIDTH);
}

function nameWidthIn(width: number): number {
  return Math.floor(restWidth(width) * (width >= 70 ? 0.3 : 0.5));
}

function stateLook({ state, verified, below }: Job): { sign: keyof Signs; role: Role } {
  if (state === 'done' && below === 'paused') return { sign: 'paused', role: 'warning' };
  const isDoubtful = state === 'done' && (typeof verified === 'string' || below === 'failed');
  if (isDoubtful) return { sign: 'unverified', role: 'warning' };
  return { sign: stateSigns[state], role: stateRoles[state] };
}

function directoryOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}
