import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { Failure } from '../failure.ts';
import { PartFile } from '../local/part-file.ts';
import type { Place } from '../place.ts';
import { Sweep } from '../portions.ts';
import type { TransferConnections } from '../remote/transfer-connection.ts';
import type { Attempt, Outcome } from './attempt.ts';
import { MOST_TRIES } from './back-off.ts';
import { ChangeSignal } from './change-signal.ts';
import { type Clock, systemClock } from './clock.ts';
import type { ConflictHandler } from './conflict.ts';
import { ConflictDesk } from './conflict-desk.ts';
import { DirectoryPlanner } from './directory-planner.ts';
import { DIRECTIONS, Holds } from './holds.ts';
import type { Job } from './job.ts';
import { JobWorkers, type Worker } from './job-workers.ts';
import type { QueueSnapshot } from './queue-snapshot.ts';
import { type JobLog, QueueState } from './queue-state.ts';
import { RemoteTargets } from './remote-targets.ts';
import { RetrySchedule } from './retry-schedule.ts';
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
  /** Of the server that uploads come from, if that is not the local disk but `local` stands for it. */
  readonly sources?: TransferConnections | undefined;
  readonly onConflict: ConflictHandler;
  readonly journal?: JobLog | undefined;
  readonly workers?: number;
  readonly clock?: Clock;
}

const DEFAULT_WORKERS = 3;

/** While so many files wait, no further directory is read. */
const ENOUGH_WAITING = 2000;

const FINISHED: ReadonlySet<Job['state']> = new Set(['done', 'skipped', 'failed']);

/**
 * Moves files, several at a time, while it still finds out how many there are.
 *
 * Emits `change` at most five times a second; what has changed is in `snapshot()`. Emits `done` with the id of each
 * job whose copy was confirmed.
 */
export class TransferQueue extends EventEmitter<{ change: []; done: [id: string] }> {
  readonly #options: TransferQueueOptions;
  readonly #state: QueueState;
  readonly #workers: JobWorkers;
  readonly #schedule: RetrySchedule;
  readonly #planner: DirectoryPlanner;
  readonly #desk: ConflictDesk;
  readonly #signal: ChangeSignal;
  readonly #holds = new Holds();
  readonly #sweep = new Sweep();
  readonly #remoteTargets = new RemoteTargets();
  readonly #claims = new TargetClaims();
  readonly #idleWaiters: (() => void)[] = [];
  readonly #idPrefix = randomUUID().slice(0, 8);
  #lastId = 0;
  #isClosed = false;
  #workerLimit: number;
  #snapshot: QueueSnapshot | undefined;

  constructor(options: TransferQueueOptions) {
    super();
    const { clock = systemClock, local, remotePlace, workers = DEFAULT_WORKERS } = options;
    this.#options = options;
    this.#workerLimit = workers;
    this.#state = new QueueState(options.journal, () => this.#changed());
    this.#workers = new JobWorkers(this.#state, clock);
    this.#schedule = new RetrySchedule(clock, (ids) => {
      for (const id of ids) this.#state.list.offer(id);
      this.#pump();
    });
    this.#signal = new ChangeSignal(clock, () => {
      this.#workers.noteProgress();
      this.emit('change');
      // Rates change even where nothing moves.
      if (this.#workers.size > 0) this.#changed();
    });
    const parts = { local, remotePlace, remoteTargets: this.#remoteTargets };
    this.#planner = new DirectoryPlanner({ ...parts, state: this.#state });
    this.#desk = new ConflictDesk(options.onConflict, this.#state, {
      cancel: (id) => this.cancel(id),
      answered: () => this.#pump(),
    });
  }

  /** Puts plans at the end. Gives the ids of their jobs. */
  add(plans: readonly TransferPlan[]): readonly string[] {
    if (this.#isClosed) return [];
    const ids = this.#append(plans);
    this.#pump();
    return ids;
  }

  /** Takes over what an earlier run has left. */
  restore(jobs: readonly Job[]): void {
    if (this.#isClosed) return;
    this.#state.restore(jobs);
    for (const { id, kind } of jobs) if (kind === 'directory') this.#planner.noteBegun(id);
    this.#pump();
  }

  /** A job, with all that came from it. */
  pause(id: string | 'all'): void {
    if (id === 'all') this.#holds.pause();
    const reason = new Failure('local', 'It was paused.');
    const pause = (job: Job) => {
      this.#state.apply(job.id, { type: 'paused' });
      this.#workers.stop(job.id, reason);
    };
    const jobs = this.#meant(id);
    // What moves stops at once, wherever it is in the list.
    for (const job of this.#running()) if (jobs.includes(job)) pause(job);
    this.#visit(jobs, pause);
  }

  /** Whether all is paused that is left of a job and of what came from it. */
  isPaused(id: string): boolean {
    const job = this.#state.list.get(id);
    if (job === undefined || job.below === 'open') return false;
    return job.state === 'paused' || (job.below === 'paused' && FINISHED.has(job.state));
  }

  resume(id: string | 'all'): void {
    if (id === 'all') this.#holds.release();
    this.#visit(this.#meant(id), (job) => this.#state.apply(job.id, { type: 'resumed' }));
    this.#schedule.openAtOnce();
  }

  /** Takes a job out, with all that came from it and what there is of its part. Not what has ended. */
  cancel(id: string | 'all'): void {
    this.#visit(this.#meant(id), (job) => {
      if (FINISHED.has(job.state) && job.id !== id) return;
      this.#state.remove(job);
      this.#schedule.callOff(job.id);
      if (this.#workers.has(job.id)) {
        this.#workers.stop(job.id, new Failure('local', 'It was cancelled.'));
      } else {
        discardPart(job);
      }
    });
  }

  /** Tries again what has failed; one job also if it was skipped. */
  retry(id: string | 'all'): void {
    this.#visit(this.#meant(id), (job) => {
      const isMeant = id === 'all' ? job.state === 'failed' : job.id === id;
      if (isMeant) this.#state.apply(job.id, { type: 'retried' });
    });
    this.#schedule.openAtOnce();
  }

  /** Takes out what has ended; a directory, when all that came from it has. */
  clear(): void {
    this.#visit(this.#meant('all'), (job) => {
      const { state, below } = job;
      if (FINISHED.has(state) && below !== 'open' && below !== 'paused') this.#state.remove(job);
    });
  }

  /** Stops what runs, for good. What is left stays as it is, for the journal. */
  close(): void {
    this.#isClosed = true;
    this.#sweep.stop();
    this.#holds.pause();
    for (const { id } of this.#running()) {
      this.#state.apply(id, { type: 'paused' });
      this.#workers.stop(id, new Failure('local', 'It was paused.'));
    }
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
    this.#workers.noteProgress();
    this.#snapshot ??= this.#newSnapshot();
    return this.#snapshot;
  }

  /** Resolves when nothing moves, and nothing will without somebody doing something. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idleWaiters.push(resolve);
      this.#checkIdle();
    });
  }

  #meant(id: string | 'all'): readonly Job[] {
    this.#sweep.finish();
    return id === 'all' ? this.#state.list.toArray() : this.#state.list.family(id);
  }

  /** Does something to jobs as they are then; where they are many, a part at a time. Meanwhile nothing starts. */
  #visit(jobs: readonly Job[], visit: (job: Job) => void): void {
    const { list } = this.#state;
    this.#sweep.start(jobs, {
      visit: ({ id }) => {
        const job = list.get(id);
        if (job !== undefined) visit(job);
      },
      onEnd: () => {
        this.#changed();
        this.#pump();
      },
    });
  }

  #running(): readonly Job[] {
    return this.#workers.ids.flatMap((id) => this.#state.list.get(id) ?? []);
  }

  #newSnapshot(): QueueSnapshot {
    const rates = this.#workers.rates();
    return {
      ...this.#state.tally.totals(),
      jobs: this.#state.list.toArray(),
      running: this.#running(),
      rates,
      bytesPerSecond: [...rates.values()].reduce((sum, rate) => sum + rate, 0),
      workers: this.#workerLimit,
      isPaused: this.#holds.isPaused,
      notices: this.#holds.notices,
    };
  }

  #append(plans: readonly TransferPlan[]): readonly string[] {
    const jobs = plans.map((plan) => {
      this.#lastId++;
      const id = `${this.#idPrefix}-${this.#lastId}`;
      const isHeld = this.#holds.has(plan.direction);
      return jobFor(plan, { id, site: this.#options.site, state: isHeld ? 'paused' : 'waiting' });
    });
    this.#state.add(jobs);
    return jobs.map(({ id }) => id);
  }

  #pump(): void {
    if (this.#mayAnyStart()) {
      this.#startFiles();
      this.#startDirectory();
    }
    this.#checkIdle();
  }

  #mayAnyStart(): boolean {
    return !this.#schedule.isClosed && !this.#sweep.isRunning && !this.#isClosed;
  }

  #startFiles(): void {
    const limit = Math.min(this.#workerLimit, this.#options.connections.limit);
    while (this.#workers.count('file') < limit) {
      const job = this.#state.list.nextReady('file', (one) => this.#mayStart(one));
      if (job === undefined) return;
      this.#start(job, (worker) => this.#moveFile(job.id, worker));
    }
  }

  #startDirectory(): void {
    if (this.#workers.count('directory') > 0) return;
    if (this.#state.tally.count('waiting') >= ENOUGH_WAITING) return;
    const job = this.#state.list.nextDirectory((one) => this.#mayStart(one));
    if (job !== undefined) this.#start(job, (worker) => this.#readDirectory(job, worker));
  }

  #mayStart({ id }: Job): boolean {
    return !this.#workers.has(id) && !this.#schedule.isWaiting(id);
  }

  #start(job: Job, work: (worker: Worker) => Promise<void>): void {
    const worker = this.#workers.start(job);
    this.#state.apply(job.id, { type: 'started' });
    void this.#work(job.id, worker, work);
  }

  async #work(id: string, worker: Worker, work: (worker: Worker) => Promise<void>): Promise<void> {
    try {
      await work(worker);
      this.#schedule.noteSuccess();
    } catch (error) {
      this.#workers.noteProgressOf(id);
      if (!worker.controller.signal.aborted) this.#fail(id, worker, error);
    } finally {
      this.#workers.end(id);
      this.#state.list.offer(id);
      this.#changed();
      this.#pump();
    }
  }

  async #moveFile(id: string, worker: Worker): Promise<void> {
    const job = this.#state.list.get(id);
    if (job === undefined) return;
    const { signal } = worker.controller;
    let begunAt = job.isBegun ? job.to : undefined;
    const attempt: Attempt = {
      job,
      local: this.#options.local,
      sources: this.#options.sources,
      remoteTargets: this.#remoteTargets,
      claims: this.#claims,
      signal,
      report: (event) => {
        if (event.type === 'begun') begunAt = event.to;
        this.#workers.report(id, worker, event);
        this.#changed();
      },
    };
    try {
      const { connections } = this.#options;
      const outcome = await connections.use((connection) => runJob(attempt, connection), signal);
      this.#workers.noteProgressOf(id);
      this.#settle(id, outcome);
    } finally {
      if (this.#state.list.get(id) === undefined && begunAt !== undefined) {
        discardPart({ ...job, isBegun: true, to: begunAt });
      }
    }
  }

  #settle(id: string, outcome: Outcome): void {
    if (outcome.kind === 'done') {
      const { verified, note } = outcome;
      this.#state.apply(id, { type: 'finished', verified, note });
      if (this.#state.list.get(id)?.state === 'done') this.emit('done', id);
    } else if (outcome.kind === 'skipped') {
      this.#state.apply(id, { type: 'skipped', note: outcome.note });
    } else {
      this.#state.apply(id, { type: 'asked' });
      this.#desk.bring(outcome.conflict);
    }
  }

  async #readDirectory(job: Job, { controller: { signal } }: Worker): Promise<void> {
    await this.#planner.plan(job, signal, (plans) => {
      this.#append(plans);
      if (this.#mayAnyStart()) this.#startFiles();
    });
    this.#state.apply(job.id, { type: 'finished', verified: undefined });
  }

  #fail(id: string, { movedBytes }: Worker, error: unknown): void {
    const job = this.#state.list.get(id);
    if (job === undefined) return;
    const { kind, message, code, advice, isTransient } = asFailure(error);
    const jobError = { kind, message, code, advice };
    const isLast = !isTransient || job.tries + 1 >= MOST_TRIES;
    if (!isLast) this.#schedule.postpone(id, job.tries + 1);
    this.#state.apply(id, { type: isLast ? 'failed' : 'postponed', error: jobError });
    if (kind === 'space') this.#stop([job.direction], jobError);
    if (kind === 'login' || kind === 'trust') this.#stop(DIRECTIONS, jobError);
    if (kind === 'network' && movedBytes === 0) {
      if (isLast && this.#schedule.isHopeless) this.#stop(DIRECTIONS, jobError);
      else this.#schedule.close();
    }
  }

  /** Lets what runs come to its end; the rest waits until it is resumed. */
  #stop(directions: readonly Job['direction'][], error: NonNullable<Job['error']>): void {
    this.#holds.stop(directions, error);
    this.#visit(this.#meant('all'), ({ id, state, direction }) => {
      if (state === 'waiting' && this.#holds.has(direction)) {
        this.#state.apply(id, { type: 'paused' });
      }
    });
  }

  #changed(): void {
    this.#snapshot = undefined;
    this.#signal.changed();
  }

  #checkIdle(): void {
    const isWatched = this.#idleWaiters.length > 0 || this.#desk.hasStandingAnswer;
    if (!isWatched || this.#workers.size > 0 || this.#desk.isBusy || this.#sweep.isRunning) return;
    const { tally } = this.#state;
    if (tally.count('waiting') > 0 || tally.waitingDirectories > 0) return;
    this.#desk.forgetAnswer();
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }
}

function discardPart({ direction, isBegun, to }: Job): void {
  if (direction === 'download' && isBegun) void PartFile.discard(to);
}

function asFailure(error: unknown): Failure {
  const { name, message } = (error ?? {}) as { name?: unknown; message?: unknown };
  if (name === 'Failure') return error as Failure;
  return new Failure('local', `Unforeseen: ${typeof message === 'string' ? message : error}`);
}
