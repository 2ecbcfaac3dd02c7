import { Failure } from '../errors/failure.ts';
import { type Entry, joinPath } from '../files/place.ts';
import type { Attempt, Outcome } from './attempt.ts';
import {
  type Conflict,
  compareSides,
  type Decision,
  decide,
  numberedName,
  type SideFacts,
} from './conflict.ts';

const MAX_NUMBERS = 9999;

const SECOND_MS = 1000;

/** The chosen target. The path is claimed until the caller releases it. */
export interface Target {
  readonly kind: 'write';
  readonly to: string;
  /** The user wants the existing file to be resumed. */
  readonly mayResume: boolean;
  /** All octets seem to be there: compare before any is moved. */
  readonly isWhole: boolean;
}

interface Sides {
  readonly source: SideFacts;
  readonly existing: Entry | undefined;
  /** What has another name beside the target. */
  readonly find: (path: string) => Promise<Entry | undefined>;
}

/** Decides about a target that exists, by the job's policy. */
export async function chooseTarget(
  attempt: Attempt,
  sides: Sides,
): Promise<Target | Exclude<Outcome, { kind: 'done' }>> {
  const { job } = attempt;
  const { source, existing } = sides;
  if (existing === undefined || job.isBegun) {
    return claimed(attempt, { isWhole: seemsWhole(source, existing), mayResume: false });
  }
  const decision: Decision = decide(job.policy, source, existing);
  switch (decision.kind) {
    case 'ask':
      return { kind: 'conflict', conflict: await conflictOf(attempt, sides, existing) };
    case 'skip':
      return { kind: 'skipped', note: decision.note };
    case 'another-name':
      return { kind: 'write', to: await claimAnother(attempt, sides), ...FROM_START };
    case 'write':
      return claimed(attempt, FROM_START);
    case 'resume':
      return claimed(attempt, { mayResume: true, isWhole: false });
    case 'compare':
      return claimed(attempt, { mayResume: true, isWhole: true });
  }
}

const FROM_START = { mayResume: false, isWhole: false };

/** The last words of an earlier attempt may have been lost. */
function seemsWhole(source: SideFacts, existing: Entry | undefined): boolean {
  if (existing === undefined || existing.isPartial) return false;
  return existing.sizeBytes !== undefined && existing.sizeBytes === source.sizeBytes;
}

/** Whether two times are the same to the second, which is what most servers keep. */
export function isSameSecond(one: number | undefined, other: number | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return Math.floor(one / SECOND_MS) === Math.floor(other / SECOND_MS);
}

function claimed({ job, claims }: Attempt, how: Pick<Target, 'mayResume' | 'isWhole'>): Target {
  if (claims.claim(job.to)) return { kind: 'write', to: job.to, ...how };
  throw new Failure('exists', `${job.to}: another transfer is writing it.`, {
    isTransient: true,
  });
}

async function claimAnother(attempt: Attempt, sides: Sides): Promise<string> {
  for (;;) {
    const path = await findAnother(attempt, sides);
    if (attempt.claims.claim(path)) return path;
  }
}

/** The first numbered name that is free, and that no other transfer writes. */
async function findAnother({ job, claims }: Attempt, { find }: Sides): Promise<string> {
  const slash = job.to.lastIndexOf('/');
  for (let number = 1; number <= MAX_NUMBERS; number++) {
    const name = numberedName(job.to.slice(slash + 1), number);
    const path = joinPath(job.to.slice(0, slash), name);
    if ((await find(path)) === undefined && !claims.has(path)) return path;
  }
  throw new Failure('exists', `${job.to}: exists, and so do ${MAX_NUMBERS} others of this name.`);
}

async function conflictOf(attempt: Attempt, sides: Sides, target: Entry): Promise<Conflict> {
  const { job } = attempt;
  const { source } = sides;
  const otherPath = await previewAnother(attempt, sides);
  return { job, source, target, ...compareSides(source, target), otherPath };
}

/** What cannot be found out now is found out if both are to be kept. */
async function previewAnother(attempt: Attempt, sides: Sides): Promise<string | undefined> {
  try {
    return await findAnother(attempt, sides);
  } catch (error) {
    const { name, isTransient } = error as Partial<Failure>;
    if (name !== 'Failure' || isTransient) throw error;
    return undefined;
  }
}
