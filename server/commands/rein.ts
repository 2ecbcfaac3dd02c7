import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';

/** REIN: ends the login and keeps the control connection (RFC 959 §4.1.1). */
export const rein: Command = {
  verb: 'REIN',
  argument: 'none',
  beforeLogin: true,
  syntax: 'REIN',
  summary: 'log out, stay connected',
  handle(session) {
    session.login.reset();
    session.resetParameters();
    return reply(220, 'Logged out; ready for a new user.');
  },
};
