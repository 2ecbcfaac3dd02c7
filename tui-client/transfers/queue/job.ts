import type { FailureKind } from '../../errors/failure.ts';

/** What to do where the target exists. */
export type ConflictPolicy =
  | 'ask'
  | 'overwrite'
  | 'skip'
  | 'keep-both'
  /** Overwrite where the source is newer, else skip. */
  | 'newer'
  /** Resume if the target is a beginning of the source, else fail. */
  | 'resume';

export type JobState =
  | 'waiting'
  | 'running'
  | 'paused'
  | 'checking'
  | 'asking'
  | 'done'
  | 'skipped'
  | 'failed';

export interface JobError {
  readonly kind: FailureKind;
  readonly message: string;
  readonly code?: number | undefined;
  readonly advice?: string | undefined;
}

/** One file, or one directory to be expanded, on its way. Plain data: it is written to the journal. */
export interface Job {
  readonly id: string;
  readonly direction: 'upload' | 'download';
  readonly kind: 'file' | 'directory';
  /** Absolute path at the source. */
  readonly from: string;
  /** Absolute path at the target, the name included. */
  readonly to: string;
  /** The site it belongs to, as `Site.id`. */
  readonly site: string;
  readonly sizeBytes: number | undefined;
  /** Of the source, when the job was planned. */
  readonly modifiedMs: number | undefined;
  readonly policy: ConflictPolicy;
  readonly state: JobState;
  /** Octets that are at the target. */
  readonly doneBytes: number;
  /** Attempts so far that failed. */
  readonly tries: number;
  /** Set when done: with what the digests were compared; `not-shown` if not even the size could be. */
  readonly verified?:
    | { readonly algorithm: string; readonly hex: string }
    | 'unavailable'
    | 'not-shown'
    | undefined;
  readonly error?: JobError | undefined;
  /** Why it was skipped, or what else the user should know. */
  readonly note?: string | undefined;
  /** Whether an attempt has started to write the target: its content is then of this job, and no conflict. */
  readonly isBegun?: boolean | undefined;
  /** Links below a directory are followed. */
  readonly links?: 'follow' | undefined;
  /** The directory job that this one came from. */
  readonly parent?: string | undefined;
  /** Of a directory: how it stands with what came from it and has not ended well. Not in the journal. */
  readonly below?: 'open' | 'paused' | 'failed' | undefined;
}
