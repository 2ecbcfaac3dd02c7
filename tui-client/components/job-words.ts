import { displayName, duration, rate, shortBytes } from '../text/format.ts';
import { padStart } from '../text/text-width.ts';
import type { Job } from '../transfers/queue/job.ts';
import type { Theme } from './theme.ts';

/** A job with its current progress. */
export interface JobProgress {
  readonly theme: Theme;
  readonly job: Job;
  readonly bytesPerSecond: number;
  /** Until the job is tried again; infinite while nothing is tried, undefined if it is not known. */
  readonly triedInSeconds?: number | undefined;
}

const RATE_WIDTH = 9;

/** Why a job failed, without the path that the message begins with: the row has it already. */
export function failureReason({ error, from, to }: Job): string {
  const message = error?.message ?? 'failed';
  for (const path of [to, from]) {
    const at = message.indexOf(`${path}: `);
    if (at >= 0) return message.slice(at + path.length + 2);
  }
  return message;
}

/** How it goes or went, in words. */
export function outcome(props: JobProgress): string {
  const { theme, job, bytesPerSecond } = props;
  switch (job.state) {
    case 'waiting':
      return job.tries > 0 ? waitText(props) : 'waiting';
    case 'running':
      if (job.kind === 'directory') return `listing ${theme.signs.waiting}`;
      return `${padStart(rate(bytesPerSecond), RATE_WIDTH)}  ${timeLeft(job, bytesPerSecond)}`;
    case 'paused':
      return job.kind === 'directory' ? 'paused' : `paused at ${shortBytes(job.doneBytes)}`;
    case 'checking':
      return `comparing checksums ${theme.signs.waiting}`;
    case 'asking':
      return 'target exists; waiting for your answer';
    case 'skipped':
      return job.note === undefined ? 'skipped' : `skipped: ${displayName(job.note)}`;
    case 'failed':
      return displayName(failureReason(job));
    case 'done':
      return verdict(job);
  }
}

/** As `try 2 in 4 s, 1.2 M kept`. */
export function waitText({
  job,
  triedInSeconds,
}: Pick<JobProgress, 'job' | 'triedInSeconds'>): string {
  const when = triedInSeconds === undefined ? 'later' : soon(triedInSeconds);
  return `try ${job.tries + 1} ${when}${keptText(job)}`;
}

function soon(seconds: number): string {
  if (!Number.isFinite(seconds)) return 'after reconnecting';
  return seconds > 0 ? `in ${seconds} s` : 'now';
}

/** What a transfer that was cut has left: of a download its part, of an upload what was sent. */
function keptText({ direction, doneBytes }: Job): string {
  if (doneBytes === 0) return '';
  return `, ${shortBytes(doneBytes)} ${direction === 'download' ? 'kept' : 'sent'}`;
}

/** As `film.mkv waits, 1.2 M kept.` */
export function heldText(job: Job): string {
  return `${displayName(job.from.slice(job.from.lastIndexOf('/') + 1))} waits${keptText(job)}.`;
}

function verdict({ below, verified, note }: Job): string {
  if (below !== undefined) return belowWords[below];
  if (note !== undefined) return `done: ${displayName(note)}`;
  if (verified === 'unavailable') return 'done; checksum not compared';
  return typeof verified === 'object' ? `${verified.algorithm} equal` : 'done';
}

/** Of a directory that has been read. */
const belowWords: Readonly<Record<NonNullable<Job['below']>, string>> = {
  open: 'all queued',
  paused: 'paused',
  failed: 'partly failed',
};

/** Until a transfer ends at this rate; empty if that is not known. */
export function timeLeft({ sizeBytes, doneBytes }: Job, bytesPerSecond: number): string {
  if (sizeBytes === undefined || bytesPerSecond <= 0) return '';
  return duration(((sizeBytes - doneBytes) / bytesPerSecond) * 1000);
}
