import type { SessionContext } from '../contract/session-context.ts';
import type { NewHookEvent } from '../hooks/new-deliveries.ts';

/** Tells hooks that a session has removed or renamed something. */
export function tellOfChange(
  session: SessionContext,
  change: Pick<NewHookEvent, 'event' | 'path' | 'from'>,
): void {
  const { id, peerAddress: address, username = '', services } = session;
  services.hooks.add({ ...change, username, address, session: id });
}
