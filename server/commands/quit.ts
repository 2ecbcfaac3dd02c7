import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';

/** QUIT: ends the session, after a transfer that is running (RFC 959 §4.1.1). */
export const quit: Command = {
  verb: 'QUIT',
  argument: 'none',
  beforeLogin: true,
  syntax: 'QUIT',
  summary: 'end the session',
  handle(session) {
    session.end(reply(221, 'Goodbye.'));
    return undefined;
  },
};
