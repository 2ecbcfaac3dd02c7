import { Failure } from '../failure.ts';
import type { Entry } from '../place.ts';
import { notABeginning } from './beginning.ts';
import type { ConflictPolicy, Job } from './job.ts';
import { timeOrder } from './time-order.ts';

/** What is known of one side. */
export interface SideFacts {
  readonly sizeBytes: number | undefined;
  readonly modifiedMs: number | undefined;
}

/** What the user decides by. */
export interface Conflict {
  readonly job: Job;
  readonly source: SideFacts;
  readonly target: Entry;
  /** Whether the target may be a beginning of the source. */
  readonly canResume: boolean;
}

/** The user's answer. */
export interface ConflictAnswer {
  readonly policy: Exclude<ConflictPolicy, 'ask'> | 'cancel';
  /** The same for all that follow, until the queue is idle. */
  readonly scope: 'this' | 'all';
}

export type ConflictHandler = (conflict: Conflict) => Promise<ConflictAnswer>;

export type Decision =
  | { readonly kind: 'write' }
  /** Carry on what is there, if it is a beginning. */
  | { readonly kind: 'resume' }
  /** It has all octets: look whether they are the same. */
  | { readonly kind: 'compare' }
  | { readonly kind: 'another-name' }
  | { readonly kind: 'skip'; readonly note: string }
  | { readonly kind: 'ask' };

/** Times of servers have whole seconds. */
const SECOND_MS = 1000;

/** What to do about a target that exists. */
export function decide(policy: ConflictPolicy, source: SideFacts, target: Entry): Decision {
  if (policy === 'ask') return { kind: 'ask' };
  if (policy === 'skip') return { kind: 'skip', note: 'It already exists.' };
  if (policy === 'keep-both') return { kind: 'another-name' };
  if (target.kind === 'directory') {
    throw new Failure('exists', `${target.name}: is a directory at the target.`);
  }
  if (policy === 'newer') return decideByTime(source, target);
  return policy === 'resume' ? decideBySize(source, target) : { kind: 'write' };
}

/** `name.ext` as `name (2).ext`. */
export function numberedName(name: string, number: number): string {
  const extension = /(?<=.)(?:\.tar)?\.[^.\s]+$/.exec(name)?.[0] ?? '';
  return `${name.slice(0, name.length - extension.length)} (${number})${extension}`;
}

function decideByTime(source: SideFacts, target: Entry): Decision {
  switch (timeOrder(source, target, SECOND_MS)) {
    case 'unknown':
      return { kind: 'skip', note: 'It exists already, and it is not known which is newer.' };
    case 'after':
      return { kind: 'write' };
    case 'same':
    case 'before':
      return { kind: 'skip', note: 'What is there is not older.' };
  }
}

/** @throws Failure for a target that is longer, and so no beginning. */
function decideBySize(source: SideFacts, target: Entry): Decision {
  if (source.sizeBytes === undefined || target.sizeBytes === undefined) return { kind: 'write' };
  if (target.sizeBytes > source.sizeBytes) throw notABeginning(target.name);
  if (target.sizeBytes < source.sizeBytes || target.isPartial) return { kind: 'resume' };
  return { kind: 'compare' };
}
