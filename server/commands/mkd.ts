import type { Command } from '../contract/command.ts';
import { quotedPath, reply } from '../contract/reply.ts';

/** MKD: makes a directory (RFC 959 §4.1.3). */
export const mkd: Command = {
  verb: 'MKD',
  aliases: ['XMKD'],
  argument: 'required',
  syntax: 'MKD <SP> pathname',
  summary: 'make a directory',
  async handle(session, pathname) {
    const path = await session.files.mkdir(pathname);
    return reply(257, `${quotedPath(path)} created.`);
  },
};
