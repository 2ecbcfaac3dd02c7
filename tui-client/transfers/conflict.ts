import { Failure } from '../errors/failure.ts';
import type { Entry } from '../files/place.ts';
import { notABeginning } from './beginning.ts';
import type { ConflictPolicy, Job } from './queue/job.ts';
import { compareFacts, type Sameness } from './same-file.ts';
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
  /** By sizes and times, as a mirror compares them. */
  readonly sameness: Sameness;
  readonly newer: 'source' | 'target' | undefined;
  /** Whether the target may be a beginning of the source. */
  readonly canResume: boolean;
  /** Path of the copy if both are kept; undefined if it is not known beforehand. */
  readonly otherPath: string | undefined;
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
  /** Resume the existing file, if it is a beginning. */
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

/** How a source and the target that has its name compare, by the rules that decide about them. */
export function compareSides(
  source: SideFacts,
  target: Entry,
): Pick<Conflict, 'sameness' | 'newer' | 'canResume'> {
  const sameness = target.kind === 'directory' ? 'different' : compareFacts(source, target);
  const newer = sameness === 'same' ? undefined : newerSide(source, target);
  return { sameness, newer, canResume: mayBeBeginning(source, target) };
}

/** An empty target is no beginning that would save anything. */
function mayBeBeginning(source: SideFacts, { kind, sizeBytes, isPartial }: Entry): boolean {
  if (kind !== 'file' || !sizeBytes || source.sizeBytes === undefined) return false;
  return isPartial ? sizeBytes <= source.sizeBytes : sizeBytes < source.sizeBytes;
}

/** Undefined if the times are the same to the second, or if one is not known well enough. */
function newerSide(source: SideFacts, target: SideFacts): Conflict['newer'] {
  const order = timeOrder(source, target, SECOND_MS);
  if (order === 'after') return 'source';
  return order === 'before' ? 'target' : undefined;
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
