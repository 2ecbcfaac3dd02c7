/** Life of a control connection. `half-closed`: the client sends nothing more but still reads replies. */
export type SessionState = 'open' | 'half-closed' | 'ending' | 'closed';

export type SessionEvent = 'client ended' | 'server ends' | 'connection closed';

const TRANSITIONS: Readonly<
  Record<SessionEvent, { readonly from: readonly SessionState[]; readonly to: SessionState }>
> = {
  'client ended': { from: ['open'], to: 'half-closed' },
  'server ends': { from: ['open', 'half-closed'], to: 'ending' },
  'connection closed': { from: ['open', 'half-closed', 'ending'], to: 'closed' },
};

/** The state after an event; the same state if the event means nothing in it. */
export function nextState(state: SessionState, event: SessionEvent): SessionState {
  const { from, to } = TRANSITIONS[event];
  return from.includes(state) ? to : state;
}
