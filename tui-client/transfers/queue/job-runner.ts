import { Failure } from '../../errors/failure.ts';
import type { Place } from '../../files/place.ts';
import type { TransferConnections } from '../../remote/data/transfer-connection.ts';
import type { Attempt, Outcome } from '../attempt.ts';
import type { ConflictResolver } from '../conflict-resolver.ts';
import type { DirectoryPlanner } from '../directory-planner.ts';
import type { RemoteTargets } from '../remote-targets.ts';
import { runJob } from '../run-job.ts';
import { TargetClaims } from '../target-claims.ts';
import type { TransferPlan } from '../transfer-plan.ts';
import { MAX_TRIES } from './back-off.ts';
import type { Job } from './job.ts';
import type { Worker } from './job-workers.ts';
import { DIRECTIONS } from './paused-directions.ts';
import { discardPart, type QueueCommands, type QueueParts } from './queue-commands.ts';

/** While this number of files waits, no further directory is read. */
const ENOUGH_WAITING = 2000;

interface RunnerParts extends QueueParts {
  readonly commands: QueueCommands;
  readonly planner: DirectoryPlanner;
  readonly conflicts: ConflictResolver;
  readonly remoteTargets: RemoteTargets;
  readonly local: Place;
  readonly connections: TransferConnections;
  /** See {@link Attempt.sources}. */
  readonly sources: TransferConnections | undefined;
  readonly append: (plans: readonly TransferPlan[]) => void;
  readonly onChange: () => void;
  readonly onDone: (id: string, verified: Job['verified']) => void;
  /** Called whenever nothing more can be started. */
  readonly onPumped: () => void;
}

/** Starts jobs, as many at once as are allowed, and takes what comes of them. */
export class JobRunner {
  /** Files at once. */
  limit: number;
  readonly #parts: RunnerParts;
  readonly #claims = new TargetClaims();
  #isClosed = false;

  constructor(parts: RunnerParts, limit: number) {
    this.#parts = parts;
    this.limit = limit;
  }

  /** Starts what may start. */
  pump(): void {
    if (this.#mayAnyStart()) {
      this.#startFiles();
      this.#startDirectory();
    }
    this.#parts.onPumped();
  }

  close(): void {
    this.#isClosed = true;
  }

  #mayAnyStart(): boolean {
    const { schedule, commands } = this.#parts;
    return !schedule.isClosed && !commands.isRunning && !this.#isClosed;
  }

  #startFiles(): void {
    const { state, workers, connections } = this.#parts;
    const limit = Math.min(this.limit, connections.limit);
    while (workers.count('file') < limit) {
      const job = state.list.nextReady('file', (one) => this.#mayStart(one));
      if (job === undefined) return;
      this.#start(job, (worker) => this.#moveFile(job.id, worker));
    }
  }

  #startDirectory(): void {
    const { state, workers } = this.#parts;
    if (workers.count('directory') > 0) return;
    if (state.totals.count('waiting') >= ENOUGH_WAITING) return;
    const job = state.list.nextDirectory((one) => this.#mayStart(one));
    if (job !== undefined) this.#start(job, (worker) => this.#readDirectory(job, worker));
  }

  #mayStart({ id }: Job): boolean {
    return !this.#parts.workers.has(id) && !this.#parts.schedule.isWaiting(id);
  }

  #start(job: Job, work: (worker: Worker) => Promise<void>): void {
    const worker = this.#parts.workers.start(job);
    this.#parts.state.apply(job.id, { type: 'started' });
    void this.#work(job.id, worker, work);
  }

  async #work(id: string, worker: Worker, work: (worker: Worker) => Promise<void>): Promise<void> {
    const { state, workers, schedule, onChange } = this.#parts;
    try {
      await work(worker);
      schedule.noteSuccess();
    } catch (error) {
      workers.noteProgressOf(id);
      if (!worker.controller.signal.aborted) this.#fail(id, worker, error);
    } finally {
      workers.end(id);
      state.list.offer(id);
      onChange();
      this.pump();
    }
  }

  async #moveFile(id: string, worker: Worker): Promise<void> {
    const { state, workers, connections } = this.#parts;
    const job = state.list.get(id);
    if (job === undefined) return;
    const { signal } = worker.controller;
    const attempt = this.#attemptAt(job, worker);
    try {
      const outcome = await connections.use((connection) => runJob(attempt, connection), signal);
      workers.noteProgressOf(id);
      this.#settle(id, outcome);
    } finally {
      const to = worker.begunAt ?? (job.isBegun ? job.to : undefined);
      if (state.list.get(id) === undefined && to !== undefined) {
        discardPart({ ...job, isBegun: true, to });
      }
    }
  }

  #attemptAt(job: Job, worker: Worker): Attempt {
    const { local, sources, remoteTargets, workers, onChange } = this.#parts;
    return {
      job,
      local,
      sources,
      remoteTargets,
      claims: this.#claims,
      signal: worker.controller.signal,
      report: (event) => {
        workers.report(job.id, worker, event);
        onChange();
      },
    };
  }

  #settle(id: string, outcome: Outcome): void {
    const { state, conflicts, onDone } = this.#parts;
    if (outcome.kind === 'done') {
      const { verified, note } = outcome;
      state.apply(id, { type: 'finished', verified, note });
      if (state.list.get(id)?.state === 'done') onDone(id, verified);
    } else if (outcome.kind === 'skipped') {
      state.apply(id, { type: 'skipped', note: outcome.note });
    } else {
      state.apply(id, { type: 'asked' });
      conflicts.bring(outcome.conflict);
    }
  }

  async #readDirectory(job: Job, { controller: { signal } }: Worker): Promise<void> {
    const { planner, append, state } = this.#parts;
    await planner.plan(job, signal, (plans) => {
      append(plans);
      if (this.#mayAnyStart()) this.#startFiles();
    });
    state.apply(job.id, { type: 'finished', verified: undefined });
  }

  #fail(id: string, { movedBytes }: Worker, error: unknown): void {
    const { state, schedule, commands } = this.#parts;
    const job = state.list.get(id);
    if (job === undefined) return;
    const { kind, message, code, advice, isTransient } = asFailure(error);
    const jobError = { kind, message, code, advice };
    const isLast = !isTransient || job.tries + 1 >= MAX_TRIES;
    if (!isLast) schedule.postpone(id, job.tries + 1);
    state.apply(id, { type: isLast ? 'failed' : 'postponed', error: jobError });
    if (kind === 'space') commands.stop([job.direction], jobError);
    if (kind === 'login' || kind === 'trust') commands.stop(DIRECTIONS, jobError);
    if (kind === 'network' && movedBytes === 0) {
      if (isLast && schedule.isHopeless) commands.stop(DIRECTIONS, jobError);
      else schedule.close();
    }
  }
}

function asFailure(error: unknown): Failure {
  const { name, message } = (error ?? {}) as { name?: unknown; message?: unknown };
  if (name === 'Failure') return error as Failure;
  return new Failure('local', `Unforeseen: ${typeof message === 'string' ? message : error}`);
}
