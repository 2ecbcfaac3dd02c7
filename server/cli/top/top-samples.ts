import type { ServerActivity, SessionFacts } from '../../admin-socket/session-facts.ts';

/** What the server has answered, and when. */
export interface Sample extends ServerActivity {
  /** Milliseconds of a monotonic clock. */
  readonly atMs: number;
}

/** A session with its present rate. */
export interface TopSession extends SessionFacts {
  readonly bytesPerS: number;
}

/** What has happened between two samples. */
export interface Activity {
  readonly sessions: readonly TopSession[];
  readonly upBytesPerS: number;
  readonly downBytesPerS: number;
}

/** @param before undefined for the first sample, whose rates are averages of the transfers that run. */
export function activityBetween(before: Sample | undefined, now: Sample): Activity {
  const seconds = before === undefined ? 0 : (now.atMs - before.atMs) / 1000;
  const known = new Map(before?.sessions.map((session) => [session.id, session]));
  const total = (of: 'upBytes' | 'downBytes') =>
    before === undefined ? 0 : Math.max(0, now.totals[of] - before.totals[of]) / seconds;
  return {
    sessions: now.sessions.map((session) => ({
      ...session,
      bytesPerS: rateOf(session, { before: known.get(session.id), seconds }),
    })),
    upBytesPerS: total('upBytes'),
    downBytesPerS: total('downBytes'),
  };
}

function rateOf(
  { transfer }: SessionFacts,
  { before, seconds }: { readonly before: SessionFacts | undefined; readonly seconds: number },
): number {
  if (transfer === null) return 0;
  const last = before?.transfer ?? null;
  const isSame = last?.path === transfer.path && last.durationMs <= transfer.durationMs;
  if (last === null || !isSame || seconds === 0)
    return (transfer.movedBytes * 1000) / Math.max(transfer.durationMs, 1);
  return Math.max(0, transfer.movedBytes - last.movedBytes) / seconds;
}
