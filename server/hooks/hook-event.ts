import type { HookEventName } from './hook.ts';

/** What happened, as hooks are told. `id` is the same at each attempt and for each hook. */
export interface HookEvent {
  readonly id: string;
  readonly event: HookEventName | 'test';
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Empty for a ban and its end. */
  readonly username: string;
  /** Address of the client; of a ban and its end, the network; empty if the server has done it by itself. */
  readonly address: string;
  /** Id of the session, as in logs; empty if there was none. */
  readonly session: string;
  /** Pathname as the account sees it; for a rename the new one. */
  readonly path?: string | undefined;
  /** The earlier pathname of a rename. */
  readonly from?: string | undefined;
  /** Octets that the transfer has moved. */
  readonly movedBytes?: number | undefined;
  /** Digest of the complete file, if it was known when the transfer ended. */
  readonly sha256?: string | undefined;
  /** The offence that has led to a ban, or what the administrator has given; for a file that retention has deleted, `age` or `quota`. */
  readonly reason?: string | undefined;
  /** End of a ban: ISO 8601, UTC; undefined for one without an end. */
  readonly until?: string | undefined;
}
