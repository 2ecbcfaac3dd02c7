import type { Command } from '../../contract/command.ts';
import { NotPermittedError } from '../../errors/errors.ts';

/** SITE PASSWD: changes the password; PASS twice, which must follow, brings the current and the new one. */
export const passwd: Command = {
  verb: 'PASSWD',
  argument: 'none',
  beforePasswordChange: true,
  secretArgument: 'all',
  syntax: 'SITE PASSWD',
  summary: 'change your password; then send PASS twice',
  features: () => ['SITE PASSWD'],
  handle(session) {
    const { account } = session;
    if (account?.kind !== 'user') throw new NotPermittedError('This account has no password.');
    if (account.isExternal === true)
      throw new NotPermittedError('Your password is kept by another system; change it there.');
    return session.login.changePassword(account);
  },
};
