import { displayName, duration, percent, rate, shortBytes } from '../format.ts';
import { cutMiddle, cutStart, padEnd, padStart } from '../text-width.ts';
import type { Role, Signs, Theme } from '../theme.ts';
import type { Job, JobState } from '../transfers/job.ts';
import { progressBar } from './progress-bar.ts';
import { paintRow, type Span } from './spans.ts';

/** A job, and how quickly it moves. */
export interface TransferRowProps {
  readonly theme: Theme;
  readonly width: number;
  readonly job: Job;
  readonly bytesPerSecond: number;
}

const PERCENT_WIDTH = 7;
const RATE_WIDTH = 12;
const LEFT_WIDTH = 9;
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

const stateRoles: Readonly<Record<JobState, Role>> = {
  waiting: 'dim',
  running: 'busy',
  paused: 'warning',
  checking: 'busy',
  asking: 'warning',
  done: 'good',
  skipped: 'dim',
  failed: 'bad',
};

/** Below the panes: a running job with its bar. */
export function stripRow({ theme, width, job, bytesPerSecond }: TransferRowProps): string {
  const factsWidth = PERCENT_WIDTH + (width >= 60 ? RATE_WIDTH + LEFT_WIDTH : 0);
  const barWidth = Math.max(0, Math.floor((width - factsWidth) / 2) - 3);
  const nameWidth = Math.max(0, width - factsWidth - barWidth - 5);
  const facts = [padStart(percentOf(job), PERCENT_WIDTH)];
  if (width >= 60) {
    facts.push(padStart(rate(bytesPerSecond), RATE_WIDTH));
    facts.push(padStart(timeLeft(job, bytesPerSecond), LEFT_WIDTH));
  }
  const spans: Span[] = [
    ' ',
    [stateRoles[job.state], directionSign(theme, job)],
    ` ${nameCell(theme, job, nameWidth)} `,
    ...progressBar(theme, { width: barWidth, fraction: fractionOf(job) }),
    facts.join(''),
  ];
  return paintRow(theme, spans, { width });
}

/** In the queue: a job with its state, its target and how it went. */
export function queueRow(
  props: TransferRowProps & { readonly cursor: 'here' | 'elsewhere' },
): string {
  const { theme, width, job } = props;
  const rest = Math.max(0, width - 5 - PERCENT_WIDTH - SIZE_WIDTH);
  const nameWidth = Math.floor(rest * (width >= 70 ? 0.3 : 0.5));
  const targetWidth = width >= 70 ? Math.floor(rest * 0.18) : 0;
  const target = cutStart(
    displayName(directoryOf(job.to)),
    Math.max(0, targetWidth - 1),
    theme.signs.cut,
  );
  const cells = [
    ' ',
    nameCell(theme, job, nameWidth),
    ' ',
    padEnd(target, targetWidth),
    padStart(job.state === 'done' ? '' : percentOf(job), PERCENT_WIDTH),
    padStart(shortBytes(job.sizeBytes), SIZE_WIDTH),
  ];
  const { sign: signName, role } = stateLook(job);
  const sign = theme.signs[signName];
  if (props.cursor === 'here') {
    const text = ` ${sign} ${directionSign(theme, job)}${cells.join('')}  ${outcome(props)}`;
    return paintRow(theme, [text], { width, base: 'cursor' });
  }
  const spans: Span[] = [
    ' ',
    [role, sign],
    ` ${directionSign(theme, job)}`,
    ...cells,
    '  ',
    [job.state === 'failed' ? 'bad' : 'dim', outcome(props)],
  ];
  return paintRow(theme, spans, { width });
}

/** How it goes or went, in words. */
function outcome({ theme, job, bytesPerSecond }: TransferRowProps): string {
  switch (job.state) {
    case 'waiting':
      return job.tries > 0 ? `waiting, try ${job.tries + 1}` : 'waiting';
    case 'running':
      if (job.kind === 'directory') return `reading it ${theme.signs.waiting}`;
      return `${padStart(rate(bytesPerSecond), RATE_WIDTH - 3)}  ${timeLeft(job, bytesPerSecond)}`;
    case 'paused':
      return job.kind === 'directory' ? 'paused' : `paused at ${shortBytes(job.doneBytes)}`;
    case 'checking':
      return `comparing checksums ${theme.signs.waiting}`;
    case 'asking':
      return 'the target exists: what to do?';
    case 'skipped':
      return job.note === undefined ? 'skipped' : `skipped: ${displayName(job.note)}`;
    case 'failed':
      return displayName(job.error?.message ?? 'failed');
    case 'done':
      return verdict(job);
  }
}

function verdict({ below, verified }: Job): string {
  if (below !== undefined) return belowWords[below];
  if (verified === 'unavailable') return 'done; no checksum compared';
  return verified === undefined ? 'done' : `${verified.algorithm} equal`;
}

/** Of a directory that has been read. */
const belowWords: Readonly<Record<NonNullable<Job['below']>, string>> = {
  open: 'all on its way',
  paused: 'paused',
  failed: 'some of it failed',
};

function stateLook({ state, verified, below }: Job): { sign: keyof Signs; role: Role } {
  if (state === 'done' && below === 'paused') return { sign: 'paused', role: 'warning' };
  const isDoubtful = state === 'done' && (verified === 'unavailable' || below === 'failed');
  if (isDoubtful) return { sign: 'unverified', role: 'warning' };
  return { sign: stateSigns[state], role: stateRoles[state] };
}

function directionSign(theme: Theme, { direction }: Job): string {
  return direction === 'upload' ? theme.signs.upload : theme.signs.download;
}

function nameCell(theme: Theme, job: Job, width: number): string {
  const name = displayName(job.from.slice(job.from.lastIndexOf('/') + 1));
  const shown = job.kind === 'directory' ? `${name}/` : name;
  return padEnd(cutMiddle(shown, width, theme.signs.cut), width);
}

function directoryOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

function fractionOf({ doneBytes, sizeBytes }: Job): number {
  if (sizeBytes === undefined) return 0;
  return sizeBytes === 0 ? 1 : doneBytes / sizeBytes;
}

function percentOf(job: Job): string {
  return percent(job.doneBytes, job.sizeBytes) ?? '';
}

function timeLeft({ sizeBytes, doneBytes }: Job, bytesPerSecond: number): string {
  if (sizeBytes === undefined || bytesPerSecond <= 0) return '';
  return duration(((sizeBytes - doneBytes) / bytesPerSecond) * 1000);
}
