import type { Place } from '../files/place.ts';
import type { TransferConnections } from '../remote/data/transfer-connection.ts';
import type { Conflict } from './conflict.ts';
import type { Job } from './queue/job.ts';
import type { JobEvent } from './queue/job-reducer.ts';
import type { RemoteTargets } from './remote-targets.ts';
import type { TargetClaims } from './target-claims.ts';

/** One try at a file, and what it may use. */
export interface Attempt {
  readonly job: Job;
  readonly local: Place;
  /** Connections to the server that an upload comes from; undefined for the local disk. */
  readonly sources?: TransferConnections | undefined;
  readonly remoteTargets: RemoteTargets;
  readonly claims: TargetClaims;
  readonly signal: AbortSignal;
  /** Reports progress. */
  readonly report: (event: JobEvent) => void;
}

export type Verified = NonNullable<Job['verified']>;

/** How a try ended that did not fail. */
export type Outcome =
  | { readonly kind: 'done'; readonly verified: Verified; readonly note?: string }
  | { readonly kind: 'skipped'; readonly note: string }
  | { readonly kind: 'conflict'; readonly conflict: Conflict };
