import type { Command } from '../../contract/command.ts';
import { ArgumentError } from '../../errors/errors.ts';

/** SITE SIGNUP: asks for an account; PASS, which must follow, brings the password. */
export const signup: Command = {
  verb: 'SIGNUP',
  argument: 'required',
  isCode: true,
  beforeLogin: true,
  secretArgument: 'after the first word',
  syntax: 'SITE SIGNUP <SP> username [<SP> invite]',
  summary: 'create an account; then send PASS',
  features: ({ services }) => (services.settings.signup === 'off' ? [] : ['SITE SIGNUP']),
  handle(session, argument) {
    const [username = '', invite, ...more] = argument.split(/ +/);
    if (username === '' || more.length > 0) {
      throw new ArgumentError('The argument is a username and, where it is needed, an invite.');
    }
    return session.login.signUp(username, invite);
  },
};
