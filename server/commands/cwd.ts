import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';

/** CWD: changes the working directory (RFC 959 §4.1.1); without a pathname to the home directory, as `cd` does. */
export const cwd: Command = {
  verb: 'CWD',
  aliases: ['XCWD'],
  argument: 'optional',
  syntax: 'CWD [<SP> pathname]',
  summary: 'change the working directory',
  async handle(session, pathname) {
    const path = await session.files.chdir(pathname === '' ? '/' : pathname);
    return reply(250, `Directory changed to ${path}.`);
  },
};
