import { type Reply, reply } from '../contract/reply.ts';

const TEXTS = {
  banned: 'Your address is banned.',
  'not allowed': 'Your address is not allowed.',
  draining: 'The server is about to stop; try again later.',
  'server full': 'Too many connections; try again later.',
  'address full': 'Too many connections from your address; close one first.',
  'too many files open': 'The server has too many files open; try again later.',
} as const;

/** Why a client gets no session, or loses the one it has. */
export type Refusal = keyof typeof TEXTS;

/** The last reply to a client that is refused. */
export function refusalReply(refusal: Refusal): Reply {
  return reply(421, TEXTS[refusal]);
}
