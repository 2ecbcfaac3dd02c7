import type { Place } from '../files/place.ts';
import { expandDirectory } from './expand-directory.ts';
import type { Job } from './queue/job.ts';
import type { QueueState } from './queue/queue-state.ts';
import type { RemoteTargets } from './remote-targets.ts';
import type { TransferPlan } from './transfer-plan.ts';
import { TreeLinks } from './tree-links.ts';

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
  readonly #links = new Map<string, TreeLinks>();

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
    for await (const plans of expandDirectory(job, {
      ...this.#parts,
      links: this.#linksFor(job),
      signal,
    })) {
      signal.throwIfAborted();
      onPlans(plans.filter(({ from }) => !known.has(from)));
    }
    this.#begun.delete(job.id);
  }

  #linksFor({ direction, links }: Job): TreeLinks {
    const key = `${direction} ${links}`;
    const { local, remotePlace } = this.#parts;
    const place = direction === 'upload' ? local : remotePlace;
    const known = this.#links.get(key) ?? new TreeLinks(place, links);
    this.#links.set(key, known);
    return known;
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
