import { displayName, percent, rate } from '../text/format.ts';
import { cutMiddle, padEnd, padStart } from '../text/text-width.ts';
import type { Job, JobState } from '../transfers/queue/job.ts';
import { failureReason, timeLeft, waitText } from './job-words.ts';
import { progressBar } from './progress-bar.ts';
import { paintRow, type Span } from './spans.ts';
import type { Role, Theme } from './theme.ts';

/** A job, and how quickly it moves. */
export interface TransferRowProps {
  readonly theme: Theme;
  readonly width: number;
  readonly job: Job;
  readonly bytesPerSecond: number;
}

export const PERCENT_WIDTH = 7;
const RATE_WIDTH = 12;
const LEFT_WIDTH = 9;

export const stateRoles: Readonly<Record<JobState, Role>> = {
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

/** Below the panes: a job that was cut, with what it has left and when it is tried again. */
export function waitingRow(
  theme: Theme,
  width: number,
  { job, inSeconds }: { readonly job: Job; readonly inSeconds: number },
): string {
  const name = nameCell(theme, job, Math.min(30, Math.floor(width / 3)));
  const text = ` ${name}  ${waitText({ job, triedInSeconds: inSeconds })}`;
  const reason = job.error === undefined ? '' : `: ${displayName(failureReason(job))}`;
  const sign: Span = ['warning', directionSign(theme, job)];
  return paintRow(theme, [' ', sign, text, ['dim', reason]], { width });
}

export function directionSign(theme: Theme, { direction }: Job): string {
  return direction === 'upload' ? theme.signs.upload : theme.signs.download;
}

export function nameCell(theme: Theme, job: Job, width: number): string {
  const name = displayName(job.from.slice(job.from.lastIndexOf('/') + 1));
  const shown = job.kind === 'directory' ? `${name}/` : name;
  return padEnd(cutMiddle(shown, width, theme.signs.cut), width);
}

function fractionOf({ doneBytes, sizeBytes }: Job): number {
  if (sizeBytes === undefined) return 0;
  return sizeBytes === 0 ? 1 : doneBytes / sizeBytes;
}

export function percentOf(job: Job): string {
  return percent(job.doneBytes, job.sizeBytes) ?? '';
}
