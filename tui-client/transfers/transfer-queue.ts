import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { Failure } from '../failure.ts';
import { PartFile } from '../local/part-file.ts';
import type { Place } from '../place.ts';
import type { TransferConnections } from '../remote/transfer-connection.ts';
import type { Outcome } from './attempt.ts';
import { backOffMs, MOST_TRIES } from './back-off.ts';
import { ChangeSignal } from './change-signal.ts';
import { type Clock, systemClock } from './clock.ts';
import type { ConflictHandler } from './conflict.ts';
import { ConflictDesk } from './conflict-desk.ts';
import { expandDirectory } from './expand-directory.ts';
import type { Job, JobError } from './job.ts';
import type { QueueNotice, QueueSnapshot } from './queue-snapshot.ts';
import { type JobLog, QueueState } from './queue-state.ts';
import { RateMeter } from './rate-meter.ts';
import { RemoteTargets } from './remote-targets.ts';
import { runJob } from './run-job.ts';
import { TargetClaims } from './target-claims.ts';
import { jobFor, type TransferPlan } from './transfer-plan.ts';

export interface TransferQueueOptions {
  /** As `Site.id`. */
  readonly site: string;
  readonly local: Place;
  /** Directories are made and listed through this one. */
  readonly remotePlace: Place;
  readonly connections: TransferConnections;
  readonly onConflict: ConflictHandler;
  readonly journal?: JobLog | undefined;
  readonly workers?: number;
  readonly clock?: Clock;
}

/** One that works on a job now. */
interface Worker {
  readonly controller: AbortController;
  /** What the job has at its target, of which the job is told from time to time. */
  doneBytes: number;
  movedBytes: number;
}

const DEFAULT_WORKERS = 3;

/** While so many files wait, no further directory is expanded. */
const ENOUGH_WAITING = 2000;

const DIRECTIONS = ['upload', 'download'] as const;

const FINISHED = new Set<Job['state']>(['done', 'skipped', 'failed']);

/**
 * Moves files, several at a time, while it still finds out how many there are.
 *
 * Emits `change` at most five times a second; what has changed is in `snapshot()`.
 */
export class TransferQueue extends EventEmitter<{ change: [] }> {
  readonly #options: TransferQueueOptions;
  readonly #clock: Clock;
  readonly #state: QueueState;
  readonly #signal: ChangeSignal;
  readonly #meter: RateMeter;
  readonly #desk: ConflictDesk;
  readonly #remoteTargets = new RemoteTargets();
  readonly #claims = new TargetClaims();
  readonly #workers = new Map<string, Worker>();
  readonly #delays = new Map<string, () => void>();
  readonly #held = new Set<Job['direction']>();
  readonly #idleWaiters: (() => void)[] = [];
  #workerLimit: number;
  #notices: readonly QueueNotice[] = [];
  #isPaused = false;
  #failuresInRow = 0;
  #closedGate: (() => void) | undefined;
  #snapshot: QueueSnapshot | undefined;
  #lastId = 0;
  readonly #idPrefix = randomUUID().slice(0, 8);

  constructor(options: TransferQueueOptions) {
    super();
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#workerLimit = options.workers ?? DEFAULT_WORKERS;
    this.#meter = new RateMeter(() => this.#clock.now());
    this.#signal = new ChangeSignal(this.#clock, () => {
      this.#noteProgress();
      this.emit('change');
    });
    this.#state = new QueueState(options.journal, () => this.#changed());
    this.#desk = new ConflictDesk(options.onConflict, this.#state, {
      cancel: (id) => this.cancel(id),
      answered: () => this.#pump(),
    });
  }

  /** Puts plans at the end. Gives the ids of their jobs. */
  add(plans: readonly TransferPlan[]): readonly string[] {
    const jobs = plans.map((plan) => this.#jobFor(plan));
    this.#state.add(jobs);
    this.#pump();
    return jobs.map(({ id }) => id);
  }

  /** Takes over what an earlier run has left. */
  restore(jobs: readonly Job[]): void {
    this.#state.restore(jobs);
    this.#pump();
  }

  pause(id: string | 'all'): void {
    if (id === 'all') {
      this.#isPaused = true;
      for (const direction of DIRECTIONS) this.#held.add(direction);
    }
    this.#state.applyWhere({ type: 'paused' }, (job) => id === 'all' || job.id === id);
    this.#stopWorkers((job) => job.state === 'paused');
    this.#changed();
  }

  resume(id: string | 'all'): void {
    if (id === 'all') {
      this.#isPaused = false;
      this.#held.clear();
      this.#notices = [];
      this.#state.applyWhere({ type: 'resumed' }, () => true);
    } else {
      this.#state.apply(id, { type: 'resumed' });
    }
    this.#changed();
    this.#pump();
  }

  /** Takes a job out, with all that came from it, and what there is of its part. */
  cancel(id: string | 'all'): void {
    const leaving = new Set([id]);
    const gone = this.#state.removeWhere((job) => {
      const isGone =
        (id === 'all' && !FINISHED.has(job.state)) ||
        leaving.has(job.id) ||
        (job.parent !== undefined && leaving.has(job.parent));
      if (isGone) leaving.add(job.id);
      return isGone;
    });
    for (const job of gone) {
      this.#endDelay(job.id);
      const worker = this.#workers.get(job.id);
      if (worker === undefined) discardPart(job);
      else worker.controller.abort(new Failure('local', 'It was cancelled.'));
    }
    this.#pump();
  }

  /** Tries again what has failed. */
  retry(id: string | 'all'): void {
    const isMeant = (job: Job) => (id === 'all' ? job.state === 'failed' : job.id === id);
    this.#state.applyWhere({ type: 'retried' }, isMeant);
    this.#openGate();
    this.#pump();
  }

  /** Takes out what has ended. */
  clear(): void {
    this.#state.removeWhere((job) => FINISHED.has(job.state));
  }

  /** Up or down by one. */
  move(id: string, by: -1 | 1): void {
    this.#state.list.move(id, by);
    this.#changed();
  }

  setWorkers(count: number): void {
    this.#workerLimit = Math.max(1, count);
    this.#changed();
    this.#pump();
  }

  /** The same object until something changes. */
  snapshot(): QueueSnapshot {
    this.#noteProgress();
    const rates = this.#meter.rates();
    this.#snapshot ??= {
      ...this.#state.tally.totals(),
      jobs: this.#state.list.toArray(),
      rates,
      bytesPerSecond: [...rates.values()].reduce((sum, rate) => sum + rate, 0),
      workers: this.#workerLimit,
      isPaused: this.#isPaused,
      notices: this.#notices,
    };
    return this.#snapshot;
  }

  /** Resolves when nothing moves, and nothing will without somebody doing something. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idleWaiters.push(resolve);
      this.#checkIdle();
    });
  }

  #jobFor(plan: TransferPlan): Job {
    this.#lastId++;
    const id = `${this.#idPrefix}-${this.#lastId}`;
    const job = jobFor(plan, { id, site: this.#options.site });
    return this.#held.has(job.direction) && job.state === 'waiting'
      ? { ...job, state: 'paused' }
      : job;
  }

  #pump(): void {
    if (this.#closedGate === undefined) {
      this.#startFiles();
      this.#startDirectory();
    }
    this.#checkIdle();
  }

  #startFiles(): void {
    const limit = Math.min(this.#workerLimit, this.#options.connections.limit);
    while (this.#count('file') < limit) {
      const job = this.#state.list.nextReady('file', (one) => this.#mayStart(one));
      if (job === undefined) return;
      this.#start(job, (worker) => this.#moveFile(job, worker));
    }
  }

  #startDirectory(): void {
    if (this.#count('directory') > 0) return;
    if (this.#state.tally.totals().counts.waiting >= ENOUGH_WAITING) return;
    const job = this.#state.list.nextReady('directory', (one) => this.#mayStart(one));
    if (job !== undefined) this.#start(job, (worker) => this.#expand(job, worker));
  }

  #count(kind: Job['kind']): number {
    let count = 0;
    for (const id of this.#workers.keys())
      if (this.#state.list.get(id)?.kind !== 'directory') count++;
    return kind === 'file' ? count : this.#workers.size - count;
  }

  #mayStart({ id }: Job): boolean {
    return !this.#workers.has(id) && !this.#delays.has(id);
  }

  #start(job: Job, work: (worker: Worker) => Promise<void>): void {
    const worker = {
      controller: new AbortController(),
      doneBytes: job.doneBytes,
      movedBytes: 0,
    };
    this.#workers.set(job.id, worker);
    this.#meter.start(job.id, job.doneBytes);
    this.#state.apply(job.id, { type: 'started' });
    void this.#work(job, worker, work);
  }

  async #work(job: Job, worker: Worker, work: (worker: Worker) => Promise<void>): Promise<void> {
    try {
      await work(worker);
      this.#failuresInRow = 0;
    } catch (error) {
      this.#noteProgress();
      if (!worker.controller.signal.aborted) this.#fail(job.id, worker, error);
    } finally {
      this.#workers.delete(job.id);
      this.#meter.stop(job.id);
      this.#changed();
      if (this.#state.list.get(job.id) === undefined) discardPart(job);
      else this.#state.list.offer(job.id);
      this.#pump();
    }
  }

  async #moveFile(job: Job, worker: Worker): Promise<void> {
    const { signal } = worker.controller;
    const { local, connections } = this.#options;
    const attempt = {
      job: this.#state.list.get(job.id) ?? job,
      local,
      remoteTargets: this.#remoteTargets,
      claims: this.#claims,
      signal,
      report: (event: Parameters<QueueState['apply']>[1]) => this.#report(job.id, worker, event),
    };
    const outcome = await connections.use((connection) => runJob(attempt, connection), signal);
    this.#noteProgress();
    this.#settle(job.id, outcome);
  }

  #report(id: string, worker: Worker, event: Parameters<QueueState['apply']>[1]): void {
    if (event.type !== 'moved') {
      if (event.type === 'begun') worker.doneBytes = event.doneBytes;
      this.#state.apply(id, event);
      return;
    }
    worker.movedBytes += Math.max(0, event.doneBytes - worker.doneBytes);
    worker.doneBytes = event.doneBytes;
    this.#changed();
  }

  #settle(id: string, outcome: Outcome): void {
    if (outcome.kind === 'done') {
      const { verified, note } = outcome;
      this.#state.apply(id, { type: 'finished', verified, note });
    } else if (outcome.kind === 'skipped') {
      this.#state.apply(id, { type: 'skipped', note: outcome.note });
    } else {
      this.#state.apply(id, { type: 'asked' });
      this.#desk.bring(outcome.conflict);
    }
  }

  async #expand(job: Job, { controller: { signal } }: Worker): Promise<void> {
    const { local, remotePlace } = this.#options;
    const parts = { local, remotePlace, remoteTargets: this.#remoteTargets, signal };
    for await (const plans of expandDirectory(job, parts)) {
      signal.throwIfAborted();
      this.#state.add(plans.map((plan) => this.#jobFor(plan)));
      this.#startFiles();
    }
    this.#state.apply(job.id, { type: 'finished', verified: undefined });
  }

  #fail(id: string, worker: Worker, error: unknown): void {
    const failure = asFailure(error);
    const job = this.#state.list.get(id);
    if (job === undefined) return;
    const isLast = !failure.isTransient || job.tries + 1 >= MOST_TRIES;
    const { kind, message, code } = failure;
    const jobError = { kind, message, code };
    if (!isLast) this.#delay(id, job.tries + 1);
    this.#state.apply(id, { type: isLast ? 'failed' : 'postponed', error: jobError });
    if (kind === 'space') this.#stop([job.direction], jobError);
    if (kind === 'login' || kind === 'trust') this.#stop(DIRECTIONS, jobError);
    if (kind === 'network' && worker.movedBytes === 0) {
      if (isLast && this.#failuresInRow >= MOST_TRIES - 1) this.#stop(DIRECTIONS, jobError);
      else this.#closeGate();
    }
  }

  #delay(id: string, failures: number): void {
    const callOff = this.#clock.after(backOffMs(failures), () => {
      this.#delays.delete(id);
      this.#state.list.offer(id);
      this.#pump();
    });
    this.#delays.set(id, callOff);
  }

  #endDelay(id: string): void {
    this.#delays.get(id)?.();
    this.#delays.delete(id);
  }

  /** While nobody gets through, one by one is enough to find out when it is possible again. */
  #closeGate(): void {
    if (this.#closedGate !== undefined) return;
    this.#failuresInRow++;
    this.#closedGate = this.#clock.after(backOffMs(this.#failuresInRow), () => {
      this.#closedGate = undefined;
      this.#pump();
    });
  }

  #openGate(): void {
    this.#closedGate?.();
    this.#closedGate = undefined;
    this.#failuresInRow = 0;
    for (const id of [...this.#delays.keys()]) {
      this.#endDelay(id);
      this.#state.list.offer(id);
    }
  }

  /** Lets what runs come to its end; the rest waits until it is resumed. */
  #stop(directions: readonly Job['direction'][], error: JobError): void {
    for (const direction of directions) {
      if (this.#held.has(direction)) continue;
      this.#held.add(direction);
      this.#notices = [...this.#notices, { direction, error }];
    }
    this.#state.applyWhere(
      { type: 'paused' },
      (job) => job.state === 'waiting' && this.#held.has(job.direction),
    );
    this.#changed();
  }

  #stopWorkers(isMeant: (job: Job) => boolean): void {
    for (const [id, { controller }] of this.#workers) {
      const job = this.#state.list.get(id);
      if (job !== undefined && isMeant(job))
        controller.abort(new Failure('local', 'It was paused.'));
    }
    for (const id of [...this.#delays.keys()]) {
      const job = this.#state.list.get(id);
      if (job !== undefined && isMeant(job)) this.#endDelay(id);
    }
  }

  /** Tells the jobs how far they are. */
  #noteProgress(): void {
    for (const [id, { doneBytes }] of this.#workers) {
      const job = this.#state.list.get(id);
      if (job === undefined || job.kind === 'directory') continue;
      if (job.doneBytes !== doneBytes) this.#state.apply(id, { type: 'moved', doneBytes });
      this.#meter.measure(id, doneBytes);
    }
  }

  #changed(): void {
    this.#snapshot = undefined;
    this.#signal.changed();
  }

  #checkIdle(): void {
    if (this.#idleWaiters.length === 0 && !this.#desk.hasStandingAnswer) return;
    if (this.#workers.size > 0 || this.#desk.isBusy) return;
    if (this.#state.tally.totals().counts.waiting > 0) return;
    if (this.#state.list.nextReady('directory', () => true) !== undefined) return;
    this.#desk.forgetAnswer();
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }
}

function discardPart(job: Job): void {
  if (job.direction === 'download' && job.kind === 'file' && job.isBegun) {
    void PartFile.discard(job.to);
  }
}

function asFailure(error: unknown): Failure {
  if ((error as { name?: unknown } | null)?.name === 'Failure') return error as Failure;
  const message = (error as { message?: unknown } | null)?.message;
  return new Failure('local', `Unforeseen: ${typeof message === 'string' ? message : error}`);
}
