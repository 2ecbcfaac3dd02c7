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
  readonly durationMs: number;
}

export function sessionFacts(session: Session): SessionFacts {
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
  const { verb, path } = description;
  return { verb, path, movedBytes, durationMs: services.now() - startedMs };
}
