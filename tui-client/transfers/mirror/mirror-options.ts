import type { Algorithm } from '../../files/digest.ts';
import type { Place } from '../../files/place.ts';
import type { Job } from '../queue/job.ts';
import type { LinkPolicy } from '../tree-links.ts';

export interface MirrorOptions {
  readonly direction: Job['direction'];
  readonly source: Place;
  readonly target: Place;
  /** Directories: what is in the first is to be in the second. */
  readonly from: string;
  readonly to: string;
  readonly compareBy: 'size-and-time' | { readonly digest: Algorithm };
  /** Decides about files whose times are unknown, if the server computes one. */
  readonly algorithm?: Algorithm | undefined;
  /** What the target has beyond the source: stays, or is to go. */
  readonly extras: 'keep' | 'delete';
  /** Globs; what they match is neither copied nor deleted, and keeps the directories around it. */
  readonly excludes?: readonly string[];
  /** Of the source; those of the target are never followed. */
  readonly links?: LinkPolicy | undefined;
  /** Paths below both directories: only these are compared, and what the target does not have of them. */
  readonly directories?: readonly string[];
  /** Files that may differ although their sizes and times are the same. */
  readonly isDoubted?: (path: string) => boolean;
  readonly signal?: AbortSignal | undefined;
  /** Called after each directory. */
  readonly onCompared?: (comparedFiles: number) => void;
}
