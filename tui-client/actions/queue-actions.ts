import type { Using } from '../context/app-context.ts';
import { failureText } from '../errors/failure-text.ts';
import { nextFilter } from '../state/queue-filter.ts';
import { jobUnderCursor, nextFailedJob } from '../state/queue-view.ts';
import { BYTE_RATE_FORM, byteRateText, parseByteRate } from '../text/byte-rate.ts';
import { exactBytes, fullDate } from '../text/format.ts';
import type { Job } from '../transfers/queue/job.ts';

const MAX_WORKERS = 16;

/** A directory with all that came from it. */
export function pauseOrResume(app: Using<'ui' | 'connection'>): void {
  const job = jobUnderCursor(app.ui.get().queue);
  const queue = app.connection.active?.queue;
  if (job === undefined || queue === undefined) return;
  if (queue.isPaused(job.id)) queue.resume(job.id);
  else queue.pause(job.id);
}

export function pauseOrResumeAll(app: Using<'connection'>): void {
  const queue = app.connection.active?.queue;
  if (queue === undefined) return;
  // What is shown comes a little later: not late enough for two keys to mean the same.
  const { running, checking, waiting, asking } = queue.snapshot().counts;
  if (running + checking + waiting + asking > 0) queue.pause('all');
  else queue.resume('all');
}

export function retryJob(app: Using<'ui' | 'connection'>): void {
  const job = jobUnderCursor(app.ui.get().queue);
  if (job?.state === 'paused') app.connection.active?.queue.resume(job.id);
  else if (job?.state === 'waiting') app.connection.active?.queue.retryNow();
  else if (job !== undefined) app.connection.active?.queue.retry(job.id);
}

export function retryAllJobs(app: Using<'connection'>): void {
  app.connection.active?.queue.retry('all');
}

export function cancelJob(app: Using<'ui' | 'connection'>): void {
  const job = jobUnderCursor(app.ui.get().queue);
  if (job !== undefined) app.connection.active?.queue.cancel(job.id);
}

export function moveJob(app: Using<'ui' | 'connection'>, by: -1 | 1): void {
  const job = jobUnderCursor(app.ui.get().queue);
  if (job !== undefined) app.connection.active?.queue.move(job.id, by);
}

export function changeWorkers(app: Using<'connection'>, by: number): void {
  const { active: online } = app.connection;
  if (online === undefined) return;
  const { workers } = online.queue.snapshot();
  online.setWorkers(Math.max(1, Math.min(MAX_WORKERS, workers + by)));
}

/** Asks for a limit that holds until the site is left. */
export async function changeLimit(app: Using<'ui' | 'dialogs' | 'connection'>): Promise<void> {
  const limiter = app.connection.active?.session.rate;
  if (limiter === undefined) return;
  const { bytesPerSecond } = limiter;
  const typed = await app.dialogs.prompt({
    title: 'Rate limit for all transfers',
    label: 'Rate',
    text: bytesPerSecond === undefined ? '' : byteRateText(bytesPerSecond),
    hint: 'Bytes per second, for example 500k or 2M; empty for no limit.',
  });
  if (typed === undefined) return;
  const limit = parseByteRate(typed);
  if (limit === undefined && typed.trim() !== '') return app.ui.notify(`${BYTE_RATE_FORM}.`, 'bad');
  limiter.bytesPerSecond = limit;
  showLimit(app, limit);
}

export function showLimit(app: Using<'ui'>, bytesPerSecond: number | undefined): void {
  app.ui.dispatch({ type: 'queue', event: { type: 'limited', bytesPerSecond } });
}

/** Where only failed ones are shown, those; else what has ended well. */
export function clearEnded(app: Using<'ui' | 'connection'>): void {
  const { filter } = app.ui.get().queue;
  app.connection.active?.queue.clear(filter === 'failed' ? 'failed' : 'done');
}

export function turnFilter(app: Using<'ui'>): void {
  const filter = nextFilter(app.ui.get().queue.filter);
  app.ui.dispatch({ type: 'queue', event: { type: 'filtered', filter } });
}

/** Shows all if the filter hides it. */
export function goToNextFailed(app: Using<'ui'>): void {
  const view = app.ui.get().queue;
  const job = nextFailedJob(view);
  if (job === undefined) {
    app.ui.notify('No failed transfers.');
    return;
  }
  if (!view.shown.includes(job)) {
    app.ui.dispatch({ type: 'queue', event: { type: 'filtered', filter: 'all' } });
  }
  app.ui.dispatch({ type: 'queue', event: { type: 'movedToJob', id: job.id } });
}

/** All that is known of a job. */
export async function showDetails(app: Using<'ui' | 'dialogs'>): Promise<void> {
  const job = jobUnderCursor(app.ui.get().queue);
  if (job === undefined) return;
  await app.dialogs.choose({
    topic: 'details',
    title: job.direction === 'upload' ? 'Upload' : 'Download',
    tone: job.state === 'failed' ? 'danger' : 'calm',
    lines: detailLines(job),
    escape: 'close',
  });
}

function detailLines(job: Job): readonly string[] {
  const lines = [`From      ${job.from}`, `To        ${job.to}`, `State     ${job.state}`];
  if (job.sizeBytes !== undefined) {
    lines.push(`Size      ${exactBytes(job.sizeBytes)}, ${exactBytes(job.doneBytes)} transferred`);
  }
  if (job.modifiedMs !== undefined) lines.push(`Modified  ${fullDate(job.modifiedMs)}`);
  if (job.verified === 'unavailable') lines.push('Checksum  not supported by the server');
  else if (typeof job.verified === 'object')
    lines.push(`${job.verified.algorithm.padEnd(9)} ${job.verified.hex} on both sides`);
  if (job.tries > 0) lines.push(`Tries     ${job.tries} failed`);
  if (job.error) lines.push(`Failed    ${failureText(job.error)}`);
  if (job.note) lines.push(`Note      ${job.note}`);
  return lines;
}

/** Tries at once to restore the connection, and transfers that wait for it. */
export function retryConnection(app: Using<'connection'>): void {
  app.connection.active?.session.retryNow();
  app.connection.active?.queue.retryNow();
}

/** Stops trying to restore the connection; transfers that wait for it are held. */
export function stopRetrying(app: Using<'connection'>): void {
  app.connection.active?.session.stopRetrying();
  app.connection.active?.queue.holdTries();
}
