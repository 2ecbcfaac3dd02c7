import { Failure } from '../../errors/failure.ts';
import { deletedEntries, type MirrorPlan } from './mirror-plan.ts';

/** Without `--max-delete`: fewer deletions than this are never too many. */
const FREE_DELETIONS = 10;

/** Without `--max-delete`: the share of the target that may be deleted. */
const MAX_SHARE = 0.5;

export interface DeletionLimits {
  /** Entries, those in directories counted; by default half of the target. */
  readonly maxEntries?: number | undefined;
  /** The user has said that everything may be deleted. */
  readonly mayDeleteAll?: boolean;
}

type Counted = Pick<MirrorPlan, 'deletions' | 'entryCounts'>;

/** Why a plan deletes too much to do so without asking; undefined if it does not. */
export function deletionProblem(plan: Counted, limits: DeletionLimits = {}): string | undefined {
  const count = deletedEntries(plan);
  if (count === 0) return undefined;
  const { maxEntries, mayDeleteAll = false } = limits;
  const { source, target } = plan.entryCounts;
  if (maxEntries !== undefined && count > maxEntries) {
    return `${count} entries of the target would be deleted, more than --max-delete ${maxEntries} allows.`;
  }
  if (mayDeleteAll) return undefined;
  if (source === 0)
    return `The source is empty, and all ${count} entries of the target would be deleted.`;
  if (maxEntries !== undefined || count <= FREE_DELETIONS || count <= target * MAX_SHARE) {
    return undefined;
  }
  return `${count} of ${target} entries of the target would be deleted, more than half.`;
}

/** @throws Failure if a plan deletes too much. */
export function checkDeletions(plan: Counted, limits: DeletionLimits): void {
  const problem = deletionProblem(plan, limits);
  if (problem === undefined) return;
  const isByNumber = problem.includes('--max-delete');
  const remedy = isByNumber
    ? 'Raise the number if this is right.'
    : 'Use --delete-all if this is right, or --max-delete with a number.';
  throw new Failure('exists', `${problem} Nothing was changed. ${remedy}`);
}
