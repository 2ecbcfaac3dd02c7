import type { Command } from '../contract/command.ts';

/** PASS: the password of a login, of a sign-up or of a change of password (RFC 959 §4.1.1). */
export const pass: Command = {
  verb: 'PASS',
  argument: 'optional',
  beforeLogin: true,
  secretArgument: 'all',
  syntax: 'PASS <SP> password',
  summary: 'send the password',
  handle: (session, password) => session.login.pass(password),
};
