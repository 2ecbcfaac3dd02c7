import { reply } from '../contract/reply.ts';
import type { Session } from './session.ts';

/** Time for sessions to send their last reply after all work has ended. */
const GOODBYE_MS = 3000;

const GOODBYE = reply(421, 'The server is shutting down.');

/**
 * Ends all sessions: those that do nothing at once, those that transfer as soon as they have done, or when
 * the time of grace is over. Resolves when none is left.
 */
export async function stopSessions(
  sessions: ReadonlySet<Session>,
  { graceMs }: { readonly graceMs: number },
): Promise<void> {
  for (const session of sessions) session.endWhenDone(GOODBYE);
  await allClosed(sessions, graceMs);
  for (const session of sessions) session.end(GOODBYE);
  await allClosed(sessions, GOODBYE_MS);
  for (const session of sessions) session.control.destroy();
  await allClosed(sessions, GOODBYE_MS);
}

/** Resolves when no session is left or the time is over. */
function allClosed(sessions: ReadonlySet<Session>, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, timeoutMs);
    const closing = [...sessions].map((session) => session.closed);
    void Promise.all(closing).then(done);
  });
}
