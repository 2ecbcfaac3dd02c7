import type { Failure } from '../../errors/failure.ts';
import type { Entry } from '../../files/place.ts';
import type { Job } from '../queue/job.ts';
import type { TransferPlan } from '../transfer-plan.ts';

/** Something at the target that the source does not have. */
export interface Deletion {
  readonly path: string;
  readonly kind: Entry['kind'];
  readonly sizeBytes: number | undefined;
  /** With all that is below it. */
  readonly entryCount: number;
}

/** What a mirror would do. */
export interface MirrorPlan {
  readonly direction: Job['direction'];
  /** Directories of the target, parents first. */
  readonly makes: readonly string[];
  readonly copies: readonly TransferPlan[];
  readonly replacements: readonly TransferPlan[];
  /** Targets of copies that may be taken for another file of the source, as `A.txt` for `a.txt`. */
  readonly unsure: ReadonlySet<string>;
  /** Whether the target was seen to take a name of the source for another one that it has. */
  readonly foldsNames: boolean;
  /** None if anything could not be read: what seems to be missing at the source may exist. */
  readonly deletions: readonly Deletion[];
  readonly unchangedFiles: number;
  /** What is left as it is, and why. */
  readonly notes: readonly { readonly path: string; readonly text: string }[];
  /** Of these, paths below the source's directory that were not compared. */
  readonly skipped: readonly string[];
  /** Links of the source that are not followed. */
  readonly skippedLinks: number;
  /** What could not be read or has no name that the other side can have: nothing is deleted then. */
  readonly problems: readonly Failure[];
  /** Entries of both trees that are not excluded, as far as they were read. */
  readonly entryCounts: { readonly source: number; readonly target: number };
  /** Of all files that are to be moved. */
  readonly moveBytes: number;
  /** By how much the target grows, deletions not counted, for they come last. */
  readonly growthBytes: number;
}

/** The plan with a note for each name that a target that is known to fold names will take for another. */
export function withFoldingNotes(plan: MirrorPlan): MirrorPlan {
  const notes = [...plan.unsure].map((path) => ({
    path,
    text: 'The server has taken such names for one before; only one of them will be copied.',
  }));
  return { ...plan, notes: [...plan.notes, ...notes] };
}

/** Entries that the deletions of a plan remove, those below directories counted. */
export function deletedEntries({ deletions }: Pick<MirrorPlan, 'deletions'>): number {
  return deletions.reduce((sum, { entryCount }) => sum + entryCount, 0);
}
