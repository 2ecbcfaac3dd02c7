import { posix } from 'node:path';
import { Failure } from '../errors/failure.ts';
import { joinPath } from '../files/place.ts';
import type { ConflictPolicy, Job } from '../transfers/queue/job.ts';
import type { TransferPlan } from '../transfers/transfer-plan.ts';
import type { Found } from './glob-paths.ts';
import type { CommandOptions } from './request.ts';

/** Something to copy. */
export interface CopySource extends Found {
  /** A directory that was written with a slash at its end: what is in it is meant. */
  readonly meansContents: boolean;
}

/** Where copies go. */
export interface CopyTarget {
  /** Absolute. */
  readonly path: string;
  /** `into` a directory, or `as` this name. */
  readonly how: 'into' | 'as';
}

export interface CopyRules {
  readonly direction: Job['direction'];
  readonly policy: ConflictPolicy;
  readonly isRecursive: boolean;
  readonly links?: 'follow' | undefined;
}

/**
 * What copying one source means. As with `rsync`, `directory/` means what is in it.
 *
 * @throws Failure for a directory without `--recursive`.
 */
export function planCopy(source: CopySource, target: CopyTarget, rules: CopyRules): TransferPlan {
  const { path, entry, meansContents } = source;
  const { direction, policy, isRecursive, links } = rules;
  const isDirectory = entry.kind === 'directory';
  if (isDirectory && !isRecursive) {
    throw new Failure('exists', `${path}: is a directory; use -r to copy it.`);
  }
  const isNested = target.how === 'into' && !(isDirectory && meansContents);
  return {
    direction,
    policy,
    links,
    kind: isDirectory ? 'directory' : 'file',
    from: path,
    to: isNested ? joinPath(target.path, posix.basename(path)) : target.path,
    // A link that could not be followed has a size of its own.
    sizeBytes: entry.kind === 'file' ? entry.sizeBytes : undefined,
    modifiedMs: entry.modifiedMs,
  };
}

/** What the options say about a copy. */
export function copyRules(options: CommandOptions, direction: Job['direction']): CopyRules {
  return {
    direction,
    policy: policyOf(options),
    isRecursive: options.recursive === true,
    links: options.followLinks === true ? 'follow' : undefined,
  };
}

/** What the options say about targets that exist; asking becomes a failure. */
function policyOf(options: CommandOptions): ConflictPolicy {
  if (options.overwrite === true) return 'overwrite';
  if (options.skip === true) return 'skip';
  if (options.newer === true) return 'newer';
  if (options.keepBoth === true) return 'keep-both';
  return options.resume === true ? 'resume' : 'ask';
}
