import { BYTE_RATE_FORM, byteRateText, parseByteRate } from '../byte-rate.ts';
import { exactBytes, fullDate } from '../format.ts';
import { nextFilter } from '../state/queue-filter.ts';
import { jobUnderCursor, nextFailedJob } from '../state/queue-view.ts';
import type { Job } from '../transfers/job.ts';
import type { Desk } from './desk.ts';
import { failureText } from './failure-text.ts';

const MOST_WORKERS = 16;

/** A directory with all that came from it. */
export function pauseOrResume(desk: Desk): void {
  const job = jobUnderCursor(desk.store.get().queue);
  const queue = desk.online?.queue;
  if (job === undefined || queue === undefined) return;
  if (queue.isPaused(job.id)) queue.resume(job.id);
  else queue.pause(job.id);
}

export function pauseOrResumeAll(desk: Desk): void {
  const queue = desk.online?.queue;
  if (queue === undefined) return;
  // What is shown comes a little later: not late enough for two keys to mean the same.
  const { running, checking, waiting, asking } = queue.snapshot().counts;
  if (running + checking + waiting + asking > 0) queue.pause('all');
  else queue.resume('all');
}

export function retryJob(desk: Desk): void {
  const job = jobUnderCursor(desk.store.get().queue);
  if (job?.state === 'paused') desk.online?.queue.resume(job.id);
  else if (job?.state === 'waiting') desk.online?.queue.retryNow();
  else if (job !== undefined) desk.online?.queue.retry(job.id);
}

export function retryAllJobs(desk: Desk): void {
  desk.online?.queue.retry('all');
}

export function cancelJob(desk: Desk): void {
  const job = jobUnderCursor(desk.store.get().queue);
  if (job !== undefined) desk.online?.queue.cancel(job.id);
}

export function moveJob(desk: Desk, by: -1 | 1): void {
  const job = jobUnderCursor(desk.store.get().queue);
  if (job !== undefined) desk.online?.queue.move(job.id, by);
}

export function changeWorkers(desk: Desk, by: number): void {
  const { online } = desk;
  if (online === undefined) return;
  const { workers } = online.queue.snapshot();
  online.setWorkers(Math.max(1, Math.min(MOST_WORKERS, workers + by)));
}

/** Asks for a limit that holds until the site is left. */
export async function changeLimit(desk: Desk): Promise<void> {
  const limiter = desk.online?.session.rate;
  if (limiter === undefined) return;
  const { bytesPerSecond } = limiter;
  const typed = await desk.sheets.prompt({
    title: 'Limit of all transfers together',
    label: 'Rate',
    text: bytesPerSecond === undefined ? '' : byteRateText(bytesPerSecond),
    hint: 'Octets a second, as 500k or 2M; empty for no limit.',
  });
  if (typed === undefined) return;
  const limit = parseByteRate(typed);
  if (limit === undefined && typed.trim() !== '') return desk.tell(`${BYTE_RATE_FORM}.`, 'bad');
  limiter.bytesPerSecond = limit;
  showLimit(desk, limit);
}

export function showLimit(desk: Desk, bytesPerSecond: number | undefined): void {
  desk.store.dispatch({ type: 'queue', event: { type: 'limited', bytesPerSecond } });
}

/** Where only failed ones are shown, those; else what has ended well. */
export function clearEnded(desk: Desk): void {
  const { filter } = desk.store.get().queue;
  desk.online?.queue.clear(filter === 'failed' ? 'failed' : 'done');
}

export function turnFilter(desk: Desk): void {
  const filter = nextFilter(desk.store.get().queue.filter);
  desk.store.dispatch({ type: 'queue', event: { type: 'filtered', filter } });
}

/** Shows all if the filter hides it. */
export function goToNextFailed(desk: Desk): void {
  const view = desk.store.get().queue;
  const job = nextFailedJob(view);
  if (job === undefined) {
    desk.tell('Nothing has failed.');
    return;
  }
  if (!view.shown.includes(job)) {
    desk.store.dispatch({ type: 'queue', event: { type: 'filtered', filter: 'all' } });
  }
  desk.store.dispatch({ type: 'queue', event: { type: 'movedToJob', id: job.id } });
}

/** All that is known of a job. */
export async function showDetails(desk: Desk): Promise<void> {
  const job = jobUnderCursor(desk.store.get().queue);
  if (job === undefined) return;
  await desk.sheets.choose({
    type: 'choice',
    topic: 'details',
    title: job.direction === 'upload' ? 'Upload' : 'Download',
    tone: job.state === 'failed' ? 'danger' : 'calm',
    lines: detailLines(job),
    top: 0,
    choices: [],
    escape: 'close',
    check: undefined,
  });
}

function detailLines(job: Job): readonly string[] {
  const lines = [`From      ${job.from}`, `To        ${job.to}`, `State     ${job.state}`];
  if (job.sizeBytes !== undefined) {
    lines.push(`Size      ${exactBytes(job.sizeBytes)}, ${exactBytes(job.doneBytes)} there`);
  }
  if (job.modifiedMs !== undefined) lines.push(`Modified  ${fullDate(job.modifiedMs)}`);
  if (job.verified === 'unavailable') lines.push('Checksum  the server offers none');
  else if (typeof job.verified === 'object')
    lines.push(`${job.verified.algorithm.padEnd(9)} ${job.verified.hex} on both sides`);
  if (job.tries > 0) lines.push(`Tries     ${job.tries} failed`);
  if (job.error) lines.push(`Failed    ${failureText(job.error)}`);
  if (job.note) lines.push(`Note      ${job.note}`);
  return lines;
}
