import type { Command } from '../contract/command.ts';

/** USER: begins a login, also after another one (RFC 959 §4.1.1). */
export const user: Command = {
  verb: 'USER',
  argument: 'required',
  beforeLogin: true,
  secretArgument: 'all',
  syntax: 'USER <SP> username',
  summary: 'send the user name',
  handle: (session, username) => session.login.user(username),
};
