import type { EventCounts } from '../audit/event-counts.ts';
import type { Session } from '../session/session.ts';

/** A session as `who` shows it. Times are ISO 8601 in UTC. */
export interface SessionFacts {
  readonly id: string;
  /** Null before the login. */
  readonly username: string | null;
  readonly address: string;
  /** How the client has named itself (CLNT). */
  readonly client: string | null;
  readonly isEncrypted: boolean;
  readonly since: string;
  /** Time since the last command or octet. */
  readonly idleMs: number;
  readonly transfer: TransferFacts | null;
}

interface TransferFacts {
  readonly verb: string;
  /** The client's path. */
  readonly path: string;
  readonly movedBytes: number;
  /** Octets that the transfer will have moved; null if that is not known. */
  readonly totalBytes: number | null;
  readonly durationMs: number;
}

/** The sessions, and what has moved since the start of the server. */
export interface ServerActivity {
  readonly sessions: readonly SessionFacts[];
  /** Octets of files, those of transfers that run included. */
  readonly totals: { readonly upBytes: number; readonly downBytes: number };
}

export function serverActivity(
  sessions: ReadonlySet<Session>,
  { transfers: { upload, download } }: EventCounts,
): ServerActivity {
  let [upBytes, downBytes] = [upload.bytes, download.bytes];
  for (const { transferring } of sessions) {
    if (transferring === undefined) continue;
    const { verb } = transferring.description;
    if (verb === 'RETR') downBytes += transferring.movedBytes;
    else if (UPLOADS.has(verb)) upBytes += transferring.movedBytes;
  }
  return { sessions: [...sessions].map(sessionFacts), totals: { upBytes, downBytes } };
}

const UPLOADS = new Set(['STOR', 'STOU', 'APPE']);

function sessionFacts(session: Session): SessionFacts {
  return {
    id: session.id,
    username: session.account?.username ?? null,
    address: session.peerAddress,
    client: session.clientName ?? null,
    isEncrypted: session.tls !== undefined,
    since: new Date(session.startedMs).toISOString(),
    idleMs: session.idleMs,
    transfer: transferFacts(session),
  };
}

function transferFacts({ transferring, services }: Session): TransferFacts | null {
  if (transferring === undefined) return null;
  const { description, movedBytes, startedMs } = transferring;
  const { verb, path, totalBytes = null } = description;
  return { verb, path, movedBytes, totalBytes, durationMs: services.now() - startedMs };
}
