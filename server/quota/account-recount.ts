import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isHomeMounted } from '../disk/home-marker.ts';
import { type HomePlace, homePathOf } from '../disk/home-place.ts';
import type { TreeSize } from '../disk/tree-size.ts';
import type { TreePart, TreePass } from '../disk/tree-size-task.ts';
import type { Job } from '../workers/job.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import type { Correction } from './correction.ts';
import type { QuotaLedger } from './quota-ledger.ts';
import { measurementOf, recountedUsage } from './recounted-usage.ts';
import { stagedSizes } from './staged-sizes.ts';

/** Passes without the lock: the second reads what has changed during the first, so the last is short. */
const PASSES_AHEAD = 2;

/** Longest time that the account's changes of names wait for a recount. */
const MAX_LOCKED_MS = 10_000;

/** Pause after each slice of a slow recount, which takes 2 ms: about a tenth of one thread. */
const SLOW_PAUSE_MS = 20;

/** Uploads that end during the last step make it start again, at most this number of times. */
const MAX_ATTEMPTS = 100;

/** Parts of an account's storage that a recount needs. */
export interface RecountedSpace {
  readonly nameLock: { run<Result>(task: () => Promise<Result>): Promise<Result> };
  readonly stagingPath: string;
  /** Directory of the uploads that run in this process. */
  readonly runningPath: string;
  readonly inPlaceAppends: number;
  readonly reservedEntries: number;
  readonly trash: { readonly chargedBytes: number; measure(): Promise<void> };
  readonly running: {
    readonly ended: number;
    readonly chargedBytes: number;
    hasId(id: string): boolean;
  };
}

interface Deps {
  readonly rootDir: string;
  readonly workers: Pick<WorkerPool, 'start'>;
  readonly ledger: Pick<QuotaLedger, 'correct'>;
  readonly spaceOf: (accountId: number) => RecountedSpace;
  /** Makes `spaceOf` know the unfinished uploads of a home that is elsewhere. */
  readonly prepare?: (account: HomePlace) => Promise<void>;
}

interface Manner {
  readonly pace: TreePass['pace'];
  /** Ends the recount; nothing has changed then. */
  readonly signal: AbortSignal;
}

/** Result of a recount. */
export interface Recount extends Correction {
  /** The account's home; its unread directories are seen from there. */
  readonly home: TreeSize;
}

/** The account changed so fast that its files could not be measured; or it has been removed. */
export class RecountFailedError extends Error {}

/**
 * Makes what an account is charged for equal to what is on the disk, while the account is in use.
 *
 * The home is measured without a lock first. Then the changes of names wait while the directories that have changed
 * since are read again. Octets of uploads flow on: they are outside the home, and each upload knows what it has been
 * charged. So what is charged and what is on the disk are compared at one moment, whatever happens before and after.
 */
export class AccountRecount {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * @throws RecountFailedError
   * @throws the reason of the signal.
   * @throws the system's error if the process has no descriptors left.
   */
  async run(account: HomePlace, { pace, signal }: Manner): Promise<Recount> {
    if (!isHomeMounted(account)) throw new RecountFailedError(HOME_MISSING);
    await this.#deps.prepare?.(account);
    const space = this.#deps.spaceOf(account.id);
    if (!existsSync(dirname(space.stagingPath))) throw new RecountFailedError(ROOT_MISSING);
    const path = homePathOf(this.#deps.rootDir, account.home);
    const job = this.#deps.workers.start('tree-size', { path }, { signal });
    try {
      const { inPlaceAppends } = space;
      for (let pass = 0; pass < PASSES_AHEAD; pass += 1) {
        await measure(job, { pace, reads: 'changes' });
      }
      return await space.nameLock.run(async () => {
        const reads = space.inPlaceAppends === inPlaceAppends ? 'changes' : 'all';
        const home = await measureInTime(job, reads);
        if (!isHomeMounted(account)) throw new RecountFailedError(HOME_MISSING);
        await space.trash.measure();
        const correction = await this.#correct(account.id, space, home);
        return { ...correction, home };
      });
    } finally {
      await job.cancel();
    }
  }

  /** Call it with the account's changes of names at rest. */
  async #correct(accountId: number, space: RecountedSpace, home: TreeSize): Promise<Correction> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const { ended } = space.running;
      const staged = await stagedSizes(space);
      const correction = await this.#deps.ledger.correct(accountId, (charged) => {
        // Leftovers of an upload that has ended during the recount are unknown.
        if (space.running.ended !== ended) return undefined;
        const idle = staged.filter(({ id }) => !space.running.hasId(id));
        const stagedBytes = idle.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
        const { bytes, entries, isComplete } = measurementOf(home);
        const found = {
          bytes: bytes + stagedBytes + space.running.chargedBytes + space.trash.chargedBytes,
          entries: entries + space.reservedEntries,
          isComplete,
        };
        return recountedUsage(found, charged);
      });
      if (correction !== undefined) return correction;
      if (space.running.ended === ended) throw new RecountFailedError('there is no such account');
    }
    throw new RecountFailedError('uploads of the account end too fast; try again later');
  }
}

const HOME_MISSING = 'the home is not mounted';

/** Then the homes are not there either, and would count as empty. */
const ROOT_MISSING = 'the directory of the homes is not mounted';

async function measure(job: Job<TreePart>, pass: TreePass): Promise<TreeSize> {
  job.tell(pass);
  for (;;) {
    const part = await job.take();
    if (part === undefined) throw new RecountFailedError('the measurement has ended early');
    if (part.kind === 'size') return part.size;
    await delay(SLOW_PAUSE_MS);
  }
}

/** Other users of the account wait for this. */
async function measureInTime(job: Job<TreePart>, reads: TreePass['reads']): Promise<TreeSize> {
  let isLate = false;
  const limit = setTimeout(() => {
    isLate = true;
    void job.cancel();
  }, MAX_LOCKED_MS);
  try {
    return await measure(job, { pace: 'fast', reads });
  } catch (error) {
    if (!isLate) throw error;
    throw new RecountFailedError('the account changes too fast; try again later');
  } finally {
    clearTimeout(limit);
  }
}
