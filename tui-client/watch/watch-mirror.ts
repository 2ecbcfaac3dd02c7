import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '../errors/failure.ts';
import { LocalPlace } from '../local/local-place.ts';
import { excludesFrom } from '../transfers/excludes.ts';
import { type DeletionLimits, deletionProblem } from '../transfers/mirror/deletion-limit.ts';
import { planMirror } from '../transfers/mirror/mirror.ts';
import type { MirrorOptions } from '../transfers/mirror/mirror-options.ts';
import type { Deletion, MirrorPlan } from '../transfers/mirror/mirror-plan.ts';
import { runMirror } from '../transfers/mirror/run-mirror.ts';
import { backOffMs } from '../transfers/queue/back-off.ts';
import type { TransferQueue } from '../transfers/queue/transfer-queue.ts';
import { ChangedDirectories, type Changes } from './changed-directories.ts';
import { DirectoryWatch, directoryOf, maxQueuedEvents } from './directory-watch.ts';
import { SeenFiles } from './seen-files.ts';
import { settledPlan } from './settled-plan.ts';

const NOTHING: Changes = { directories: new Set(), isAll: false };

export interface WatchMirrorOptions {
  readonly mirror: Pick<
    MirrorOptions,
    'target' | 'from' | 'to' | 'algorithm' | 'extras' | 'excludes'
  >;
  readonly limits: DeletionLimits;
  readonly queue: TransferQueue;
  /** Files that were written less than this ago are not sent yet. */
  readonly settleMs: number;
  readonly signal: AbortSignal;
  readonly onFailure: (failure: Failure) => void;
  readonly onDeleted: (deletion: Deletion) => void;
  /** The target has what there was at the start. */
  readonly onReady: (plan: MirrorPlan) => void;
}

/** Makes a directory of a server like a local one, and again whenever that changes, until it is stopped. */
export class WatchMirror {
  readonly #options: WatchMirrorOptions;
  readonly #local = new LocalPlace();
  readonly #changes: ChangedDirectories;
  readonly #watch: DirectoryWatch;
  readonly #seen: SeenFiles;
  /** Of this something was not done; it is compared with what changes next. */
  #owed: Changes = NOTHING;
  /** Paths that the comparison leaves out: links, and what is of another kind at the target. */
  #skipped: readonly string[] = [];
  /** Entries of the target, as far as they were counted. */
  #targetCount = 0;
  #isReady = false;
  #failuresInRow = 0;
  #lastFailure = '';

  constructor(options: WatchMirrorOptions) {
    this.#options = options;
    const { mirror, settleMs } = options;
    const maxEvents = maxQueuedEvents() / 2;
    this.#changes = new ChangedDirectories({ settleMs, maxEvents });
    this.#seen = new SeenFiles(mirror.from);
    this.#watch = new DirectoryWatch(mirror.from, {
      isExcluded: excludesFrom(mirror.excludes ?? []),
      onChange: (directory) => this.#changes.note(directory),
    });
  }

  /** @throws the signal's reason, or a failure that trying again does not help against. */
  async run(): Promise<never> {
    const { signal } = this.#options;
    this.#changes.noteAll();
    try {
      for (;;) {
        await this.#changes.settled(signal);
        await this.#round(this.#takeChanges());
      }
    } finally {
      this.#watch.close();
    }
  }

  /** Watches what is new before it is compared, so that no change is missed. */
  #takeChanges(): Changes {
    const { directories, isAll } = this.#changes.take();
    const all = new Set([...directories, ...this.#owed.directories]);
    const isWhole = isAll || this.#owed.isAll;
    this.#owed = NOTHING;
    if (isWhole) this.#watch.refreshAll();
    for (const directory of directories) {
      for (const fresh of this.#watch.refresh(directory)) all.add(fresh);
    }
    if (!this.#watch.has('')) {
      throw new Failure('missing', `${this.#options.mirror.from}: no longer exists.`);
    }
    return { directories: all, isAll: isWhole };
  }

  async #round(changes: Changes): Promise<void> {
    try {
      const plan = await this.#compare(changes);
      const isDone = await this.#carryOut(plan, changes);
      this.#seen.end(isDone ? 'confirmed' : 'failed');
      if (!isDone) this.#owed = changes;
      this.#failuresInRow = 0;
      this.#lastFailure = '';
      if (!this.#isReady) this.#options.onReady(plan);
      this.#isReady = true;
    } catch (error) {
      this.#seen.end('failed');
      await this.#postpone(error, changes);
    }
  }

  async #compare({ directories, isAll }: Changes): Promise<MirrorPlan> {
    const { mirror, signal } = this.#options;
    const wanted = [...directories].filter((path) => this.#isToBeCompared(path));
    const plan = await planMirror({
      ...mirror,
      ...{ direction: 'upload', source: this.#local, compareBy: 'size-and-time' },
      ...(!isAll && { directories: wanted }),
      isDoubted: (path) => this.#seen.isDoubted(path),
      signal,
    });
    const isAbout = (path: string) => isAll || directories.has(directoryOf(path));
    this.#skipped = [...this.#skipped.filter((path) => !isAbout(path)), ...plan.skipped];
    if (isAll) this.#targetCount = plan.entryCounts.target;
    return plan;
  }

  #isToBeCompared(path: string): boolean {
    const isSkipped = this.#skipped.some((one) => path === one || path.startsWith(`${one}/`));
    return this.#watch.has(path) && !isSkipped;
  }

  /** False if something has to be done again. */
  async #carryOut(plan: MirrorPlan, changes: Changes): Promise<boolean> {
    const { queue, mirror, signal, onDeleted, onFailure } = this.#options;
    for (const problem of plan.problems) this.#reportProblem(problem);
    const settled = this.#settled(plan);
    const deletions = this.#allowedDeletions(settled, changes);
    // What an earlier round has left is part of this one.
    queue.cancel('all');
    queue.clear();
    queue.resume('all');
    const run = { queue, target: mirror.target, signal, onDeleted };
    const result = await runMirror({ ...settled, deletions }, run);
    for (const text of result.folded) onFailure(new Failure('exists', text));
    for (const failure of result.failures) onFailure(failure);
    const lost = queue.snapshot().notices.find(({ error }) => error.kind === 'network')?.error;
    if (lost !== undefined) throw new Failure('network', lost.message, { isTransient: true });
    const isUnsettled = settled.copies.length + settled.replacements.length < filesOf(plan);
    return result.failedFiles + result.failures.length + plan.problems.length === 0 && !isUnsettled;
  }

  /** The change of the parent reports a directory that has disappeared. */
  #reportProblem(problem: Failure): void {
    if (problem.kind === 'missing') this.#changes.note('');
    else this.#options.onFailure(problem);
  }

  /** What is left out counts as changed again. */
  #settled(plan: MirrorPlan): MirrorPlan {
    const { mirror, settleMs } = this.#options;
    return settledPlan(plan, mirror.from, {
      settleMs,
      ageMs: (path) => this.#seen.ageMs(path),
      onUnsettled: (path) => this.#changes.note(directoryOf(path)),
    });
  }

  /** The share that may be deleted is that of the whole target, also where one directory is compared. */
  #allowedDeletions(plan: MirrorPlan, { directories, isAll }: Changes): readonly Deletion[] {
    const { limits, onFailure } = this.#options;
    const source = isAll || directories.has('') ? plan.entryCounts.source : 1;
    const entryCounts = { source, target: this.#targetCount };
    const problem = deletionProblem({ deletions: plan.deletions, entryCounts }, limits);
    if (problem === undefined) return plan.deletions;
    const advice = 'Use --delete-all to delete them anyway, or --max-delete with a number.';
    onFailure(new Failure('exists', `${problem} Nothing was deleted.`, { advice }));
    return [];
  }

  /** Tries again later what a lost connection has stopped. @throws what is no such failure. */
  async #postpone(error: unknown, changes: Changes): Promise<void> {
    const { signal, onFailure } = this.#options;
    signal.throwIfAborted();
    const { name, kind, isTransient, message } = error as Failure;
    if (name !== 'Failure' || (kind !== 'network' && !isTransient)) throw error;
    if (message !== this.#lastFailure) onFailure(error as Failure);
    this.#lastFailure = message;
    this.#failuresInRow += 1;
    await delay(backOffMs(this.#failuresInRow), undefined, { signal });
    if (changes.isAll) this.#changes.noteAll();
    for (const directory of changes.directories) this.#changes.note(directory);
  }
}

function filesOf({ copies, replacements }: MirrorPlan): number {
  return copies.length + replacements.length;
}
