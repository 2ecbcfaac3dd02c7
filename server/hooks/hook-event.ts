import type { HookEventName } from './hook.ts';

/** What happened, as hooks are told. `id` is the same at each attempt and for each hook. */
export interface HookEvent {
  readonly id: string;
  readonly event: HookEventName | 'test';
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly username: string;
  /** Address of the client; empty if the server has done it by itself. */
  readonly address: string;
  /** Id of the session, as in logs; empty if the server has done it by itself. */
  readonly session: string;
  /** Pathname as the account sees it; for a rename the new one. */
  readonly path?: string | undefined;
  /** The earlier pathname of a rename. */
  readonly from?: string | undefined;
  /** Why the server has deleted the file by itself: its age, or a quota that was full. */
  readonly reason?: 'age' | 'quota' | undefined;
  /** Octets that the transfer has moved. */
  readonly movedBytes?: number | undefined;
  /** Digest of the complete file, if it was known when the transfer ended. */
  readonly sha256?: string | undefined;
}
