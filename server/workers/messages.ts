/** A message of the event loop to a worker thread. */
export type MessageToWorker =
  | { readonly kind: 'start'; readonly id: number; readonly task: string; readonly input: unknown }
  /** A part was used up, so that the job may work on. */
  | { readonly kind: 'taken'; readonly id: number }
  /** For a job that waits for another message, or will. */
  | { readonly kind: 'tell'; readonly id: number; readonly news: unknown }
  | { readonly kind: 'cancel'; readonly id: number };

/** A part of a worker thread's program that could not be loaded. */
export interface WorkerWarning {
  /** The same text for the same failure. */
  readonly message: string;
  readonly reason: string;
}

/** A message of a worker thread. */
export type MessageFromWorker =
  /** Once, when its program is loaded. */
  { readonly kind: 'ready'; readonly warnings?: readonly WorkerWarning[] } | JobAnswer;

/** Nothing follows `end` and `failed`, and the job has no open file. */
export type JobAnswer =
  | { readonly kind: 'part'; readonly id: number; readonly part: unknown }
  /** With the last part, unless the job was cancelled. */
  | { readonly kind: 'end'; readonly id: number; readonly part?: unknown }
  | {
      readonly kind: 'failed';
      readonly id: number;
      readonly message: string;
      readonly code: string | undefined;
    };
