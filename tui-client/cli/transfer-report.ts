import type { FailureKind } from '../errors/failure.ts';
import type { EntryKind } from '../files/place.ts';
import { counted, duration, shortBytes } from '../text/format.ts';
import type { Job } from '../transfers/queue/job.ts';
import type { QueueSnapshot } from '../transfers/queue/queue-snapshot.ts';
import type { JobLog } from '../transfers/queue/queue-state.ts';
import { LINK_NOTE } from '../transfers/tree-links.ts';
import type { OutputStream } from './command-context.ts';
import { EXIT_CODES, exitCodeOf } from './exit-codes.ts';
import type { Output } from './output.ts';
import type { ProgressLine } from './progress-line.ts';
import type { CommandRequest } from './request.ts';

const JSON_PROGRESS_MS = 1000;

/** Reports the result of each file, the progress of all, and a summary at the end. */
export class TransferReport implements JobLog {
  readonly #output: Output;
  readonly #isQuiet: boolean;
  #progress: ProgressLine | undefined;
  readonly #startedMs = performance.now();
  readonly #failed: Job[] = [];
  readonly #kinds: FailureKind[] = [];
  readonly #counts = { done: 0, skipped: 0, links: 0, unverified: 0, movedBytes: 0 };
  readonly #unchanged: number | undefined;
  #deleted = 0;
  #toldMs = performance.now();

  /** @param before what was seen to be the same before the transfers began. */
  constructor(
    request: CommandRequest,
    output: Output,
    before: { readonly unchanged?: number; readonly skippedLinks?: number } = {},
  ) {
    const { options, context } = request;
    this.#unchanged = before.unchanged;
    this.#counts.links = before.skippedLinks ?? 0;
    this.#output = output;
    this.#isQuiet = options.quiet === true;
    const showsProgress = context.stderr.isTTY === true && !this.#isQuiet && !output.isJson;
    if (showsProgress) void this.#showProgressOn(context.stderr);
  }

  /** Loads what only a terminal needs. */
  async #showProgressOn(stream: OutputStream): Promise<void> {
    const { ProgressLine } = await import('./progress-line.ts');
    this.#progress = new ProgressLine(stream);
  }

  added(jobs: readonly Job[]): void {
    for (const job of jobs) {
      if (job.state === 'skipped') this.#writeEnd(job);
      else if (job.kind === 'file') this.#output.pushJson(planLine(job));
    }
  }

  changed(before: Job, after: Job): void {
    const hasEnded =
      after.state === 'done' || after.state === 'skipped' || after.state === 'failed';
    if (hasEnded && after.state !== before.state) this.#writeEnd(after);
  }

  removed(): void {}

  /** Shows how far it is, on a terminal or once a second for programs. */
  progress(snapshot: QueueSnapshot): void {
    this.#progress?.show(snapshot);
    const nowMs = performance.now();
    if (nowMs - this.#toldMs < JSON_PROGRESS_MS) return;
    this.#toldMs = nowMs;
    this.#output.pushJson(progressLine(snapshot));
  }

  /** Something that failed before it became a job. */
  failedEarly(kind: FailureKind): void {
    this.#kinds.push(kind);
  }

  /** Something that a mirror has deleted. */
  deleted(path: string, kind: EntryKind): void {
    this.#deleted++;
    if (!this.#isQuiet) this.#output.pushText(`deleted  ${path}\n`);
    this.#output.pushJson({ type: 'removed', path, kind });
  }

  /** Writes the summary. @returns the exit code. */
  async end(snapshot: QueueSnapshot): Promise<number> {
    const { line, text } = this.#result(snapshot);
    await this.#output.json(line);
    if (!this.#output.isJson) this.#output.note(text);
    return line.exitCode;
  }

  /** The same for what goes on until it is stopped. */
  interrupted(snapshot: QueueSnapshot): void {
    const { line, text } = this.#result(snapshot);
    this.#output.pushJson({ ...line, exitCode: EXIT_CODES.interrupted });
    if (!this.#output.isJson) this.#output.note(text);
  }

  #result(snapshot: QueueSnapshot) {
    this.#progress?.clear();
    const left = snapshot.counts.paused + snapshot.counts.waiting + snapshot.counts.asking;
    const kinds = [...this.#kinds, ...snapshot.notices.map(({ error }) => error.kind)];
    const exitCode = exitCodeOf(kinds);
    const ms = Math.round(performance.now() - this.#startedMs);
    const { done, skipped, links: skippedLinks, unverified, movedBytes } = this.#counts;
    const advice = this.#output.writeAdvice();
    const line = {
      type: 'summary',
      ...{ done, skipped, skippedLinks, failed: this.#kinds.length, left, unverified },
      ...{ unchanged: this.#unchanged, deleted: this.#deleted },
      ...{ bytes: movedBytes, ms, exitCode },
      advice,
      failures: this.#failed.map(({ from, error }) => ({ path: from, ...error })),
    };
    return { line, text: this.#summary(left, ms) };
  }

  /** Gives the terminal back, whatever has happened. */
  clear(): void {
    this.#progress?.clear();
  }

  #writeEnd(job: Job): void {
    this.#progress?.clear();
    if (job.state === 'failed') {
      this.#kinds.push(job.error?.kind ?? 'local');
      this.#failed.push(job);
      this.#output.failure(job.error ?? { kind: 'local', message: `${job.from}: failed.` });
    } else if (job.kind === 'file') {
      this.#count(job);
      if (!this.#isQuiet) this.#output.pushText(`${endText(job)}\n`);
    }
    if (job.kind === 'file' || job.state === 'failed') this.#output.pushJson(fileLine(job));
  }

  #count({ state, doneBytes, verified, note }: Job): void {
    if (state === 'skipped') {
      this.#counts.skipped++;
      if (note === LINK_NOTE) this.#counts.links++;
      return;
    }
    this.#counts.done++;
    this.#counts.movedBytes += doneBytes;
    if (typeof verified === 'string') this.#counts.unverified++;
  }

  #summary(left: number, ms: number): string {
    const { done, skipped, links, unverified, movedBytes } = this.#counts;
    const parts = [`${counted(done, 'file')} done, ${shortBytes(movedBytes)} in ${duration(ms)}`];
    if (this.#unchanged !== undefined) parts.push(`${this.#unchanged} unchanged`);
    if (this.#deleted > 0) parts.push(`${this.#deleted} deleted`);
    if (unverified > 0) parts.push(`${unverified} not verified`);
    if (skipped > 0) parts.push(`${skipped} skipped`);
    if (links > 0) parts.push(`${counted(links, 'link')} not followed`);
    if (this.#kinds.length > 0) parts.push(`${this.#kinds.length} failed`);
    if (left > 0) parts.push(`${left} not attempted`);
    return `${parts.join('; ')}.`;
  }
}

/** As `done     /home/anna/a.txt -> /www/a.txt  (SHA-256 equal)`. */
function endText({ state, from, to, verified, note }: Job): string {
  const notes = [
    ...(typeof verified === 'object' ? [`${verified.algorithm} equal`] : []),
    ...(note === undefined ? [] : [note]),
  ];
  const remark = notes.length === 0 ? '' : `  (${notes.join('; ')})`;
  return `${state.padEnd(8)} ${from} -> ${to}${remark}`;
}

function planLine({ direction, from, to, sizeBytes }: Job) {
  return { type: 'plan', action: direction, from, to, sizeBytes };
}

function fileLine(job: Job) {
  const { direction, from, to, state, sizeBytes, verified, note, error } = job;
  return { type: 'file', action: direction, from, to, state, sizeBytes, verified, note, error };
}

function progressLine({ counts, doneBytes, totalBytes, isTotalKnown, ...rest }: QueueSnapshot) {
  const { bytesPerSecond } = rest;
  const running = rest.running
    .filter(({ kind }) => kind === 'file')
    .map(({ from, doneBytes: done, sizeBytes }) => ({ from, doneBytes: done, sizeBytes }));
  return {
    type: 'progress',
    ...counts,
    doneBytes,
    totalBytes,
    isTotalKnown,
    bytesPerSecond,
    running,
  };
}
