import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Place } from '../../files/place.ts';
import type { TransferConnections } from '../../remote/data/transfer-connection.ts';
import type { ConflictHandler } from '../conflict.ts';
import { ConflictResolver } from '../conflict-resolver.ts';
import { DirectoryPlanner } from '../directory-planner.ts';
import { RemoteTargets } from '../remote-targets.ts';
import { jobFor, type TransferPlan } from '../transfer-plan.ts';
import { ChangeSignal } from './change-signal.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Job } from './job.ts';
import { JobRunner } from './job-runner.ts';
import { JobWorkers } from './job-workers.ts';
import { PausedDirections } from './paused-directions.ts';
import { QueueCommands, type QueueParts } from './queue-commands.ts';
import { type QueueSnapshot, takeSnapshot } from './queue-snapshot.ts';
import { type JobLog, QueueState } from './queue-state.ts';
import { RetrySchedule } from './retry-schedule.ts';

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

/**
 * Moves files, several at a time, while it still finds out how many there are.
 *
 * Emits `change` at most five times a second; what has changed is in `snapshot()`. Emits `done` with the id of each
 * job whose copy was confirmed, and by what.
 */
export class TransferQueue extends EventEmitter<{
  change: [];
  done: [id: string, verified: Job['verified']];
}> {
  readonly #site: string;
  readonly #parts: QueueParts;
  readonly #commands: QueueCommands;
  readonly #remoteTargets = new RemoteTargets();
  readonly #planner: DirectoryPlanner;
  readonly #conflicts: ConflictResolver;
  readonly #runner: JobRunner;
  readonly #signal: ChangeSignal;
  readonly #idleWaiters: (() => void)[] = [];
  readonly #idPrefix = randomUUID().slice(0, 8);
  #lastId = 0;
  #isClosed = false;
  #snapshot: QueueSnapshot | undefined;

  constructor(options: TransferQueueOptions) {
    super();
    const { clock = systemClock, local, remotePlace, connections, sources } = options;
    this.#site = options.site;
    const state = new QueueState(options.journal, () => this.#changed());
    const workers = new JobWorkers(state, clock);
    const schedule = new RetrySchedule(clock, (ids) => this.#offer(ids));
    this.#parts = { state, workers, schedule, pausedDirections: new PausedDirections() };
    this.#signal = new ChangeSignal(clock, () => this.#notifyReaders());
    this.#commands = new QueueCommands(this.#parts, () => {
      this.#changed();
      this.#runner.pump();
    });
    const remoteTargets = this.#remoteTargets;
    this.#planner = new DirectoryPlanner({ local, remotePlace, remoteTargets, state });
    this.#conflicts = new ConflictResolver(options.onConflict, state, {
      cancel: (id) => this.cancel(id),
      answered: () => this.#runner.pump(),
    });
    const parts = { ...this.#parts, commands: this.#commands, planner: this.#planner };
    this.#runner = new JobRunner(
      {
        ...parts,
        ...{ conflicts: this.#conflicts, remoteTargets, local, connections, sources },
        append: (plans) => this.#append(plans),
        onChange: () => this.#changed(),
        onDone: (id, verified) => this.emit('done', id, verified),
        onPumped: () => this.#checkIdle(),
      },
      options.workers ?? DEFAULT_WORKERS,
    );
  }

  /** Puts plans at the end. Gives the ids of their jobs. */
  add(plans: readonly TransferPlan[]): readonly string[] {
    if (this.#isClosed) return [];
    const uploads = plans.filter(({ direction }) => direction === 'upload');
    this.#remoteTargets.twins.expect(uploads.map(({ to }) => to));
    const ids = this.#append(plans);
    this.#runner.pump();
    return ids;
  }

  /** Takes over what an earlier run has left. */
  restore(jobs: readonly Job[]): void {
    if (this.#isClosed) return;
    this.#parts.state.restore(jobs);
    for (const { id, kind } of jobs) if (kind === 'directory') this.#planner.noteBegun(id);
    this.#runner.pump();
  }

  /** A job, with all that came from it. */
  pause(id: string | 'all'): void {
    this.#commands.pause(id);
  }

  /** Whether all is paused that is left of a job and of what came from it. */
  isPaused(id: string): boolean {
    return this.#commands.isPaused(id);
  }

  resume(id: string | 'all'): void {
    this.#commands.resume(id);
  }

  /** Takes a job out, with all that came from it and what there is of its part. Not what has ended. */
  cancel(id: string | 'all'): void {
    this.#commands.cancel(id);
  }

  /** Tries again what has failed; one job also if it was skipped. */
  retry(id: string | 'all'): void {
    this.#commands.retry(id);
  }

  /** Does not wait any longer for what is to be tried again. */
  retryNow(): void {
    this.#parts.schedule.openAtOnce();
  }

  /** Starts nothing until `retryNow`. What runs is not stopped. */
  holdTries(): void {
    this.#parts.schedule.shut();
    this.#changed();
  }

  /** Takes out what has failed, or what has ended well; a directory, when all that came from it has. */
  clear(what: 'done' | 'failed' = 'done'): void {
    this.#commands.clear(what);
  }

  /** Stops what runs, for good. What is left stays as it is, for the journal. */
  close(): void {
    this.#isClosed = true;
    this.#runner.close();
    this.#commands.close();
  }

  /** Up or down by one. */
  move(id: string, by: -1 | 1): void {
    this.#parts.state.list.move(id, by);
    this.#changed();
  }

  setWorkers(count: number): void {
    this.#runner.limit = Math.max(1, count);
    this.#changed();
    this.#runner.pump();
  }

  /** The same object until something changes. */
  snapshot(): QueueSnapshot {
    this.#parts.workers.noteProgress();
    this.#snapshot ??= takeSnapshot(this.#parts, this.#runner.limit);
    return this.#snapshot;
  }

  /** Resolves when nothing runs, and nothing will without the user. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      this.#idleWaiters.push(resolve);
      this.#checkIdle();
    });
  }

  #append(plans: readonly TransferPlan[]): readonly string[] {
    const { state, pausedDirections } = this.#parts;
    const jobs = plans.map((plan) => {
      this.#lastId++;
      const id = `${this.#idPrefix}-${this.#lastId}`;
      const isHeld = pausedDirections.has(plan.direction);
      return jobFor(plan, { id, site: this.#site, state: isHeld ? 'paused' : 'waiting' });
    });
    state.add(jobs);
    return jobs.map(({ id }) => id);
  }

  /** Jobs that may be tried again. */
  #offer(ids: readonly string[]): void {
    for (const id of ids) this.#parts.state.list.offer(id);
    this.#changed();
    this.#runner.pump();
  }

  #changed(): void {
    this.#snapshot = undefined;
    this.#signal.changed();
  }

  #notifyReaders(): void {
    const { workers } = this.#parts;
    workers.noteProgress();
    this.emit('change');
    // Rates change even where nothing moves.
    if (workers.size > 0) this.#changed();
  }

  #checkIdle(): void {
    const { state, workers } = this.#parts;
    const isWatched = this.#idleWaiters.length > 0 || this.#conflicts.hasStandingAnswer;
    if (!isWatched || workers.size > 0) return;
    if (this.#conflicts.isBusy || this.#commands.isRunning) return;
    if (state.totals.count('waiting') > 0 || state.totals.waitingDirectories > 0) return;
    this.#conflicts.forgetAnswer();
    for (const resolve of this.#idleWaiters.splice(0)) resolve();
  }
}
