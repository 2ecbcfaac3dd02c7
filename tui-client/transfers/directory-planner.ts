import type { Place } from '../place.ts';
import { expandDirectory } from './expand-directory.ts';
import type { Job } from './job.ts';
import type { QueueState } from './queue-state.ts';
import type { RemoteTargets } from './remote-targets.ts';
import type { TransferPlan } from './transfer-plan.ts';

interface PlannerParts {
  readonly local: Place;
  readonly remotePlace: Place;
  readonly remoteTargets: RemoteTargets;
  readonly state: QueueState;
}

/** Reads directories that are to be moved; what they hold becomes jobs, once. */
export class DirectoryPlanner {
  readonly #parts: PlannerParts;
  /** Directories of which some entries may be in the queue already. */
  readonly #begun = new Set<string>();

  constructor(parts: PlannerParts) {
    this.#parts = parts;
  }

  /** Of a directory that an earlier run may have read in part. */
  noteBegun(id: string): void {
    this.#begun.add(id);
  }

  async plan(
    job: Job,
    signal: AbortSignal,
    onPlans: (plans: readonly TransferPlan[]) => void,
  ): Promise<void> {
    const known = this.#knownSources(job);
    for await (const plans of expandDirectory(job, { ...this.#parts, signal })) {
      signal.throwIfAborted();
      onPlans(plans.filter(({ from }) => !known.has(from)));
    }
    this.#begun.delete(job.id);
  }

  /** What earlier tries have put into the queue. */
  #knownSources({ id }: Job): ReadonlySet<string> {
    const known = new Set<string>();
    if (this.#begun.has(id)) {
      for (const { parent, from } of this.#parts.state.list.toArray())
        if (parent === id) known.add(from);
    }
    this.#begun.add(id);
    return known;
  }
}
