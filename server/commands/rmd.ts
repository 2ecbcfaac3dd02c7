import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';
import { tellOfChange } from './tell-hooks.ts';

/** RMD: removes an empty directory (RFC 959 §4.1.3). */
export const rmd: Command = {
  verb: 'RMD',
  aliases: ['XRMD'],
  argument: 'required',
  syntax: 'RMD <SP> pathname',
  summary: 'remove an empty directory',
  async handle(session, pathname) {
    const path = await session.files.rmdir(pathname);
    tellOfChange(session, { event: 'delete', path });
    return reply(250, `${path} removed.`);
  },
};
