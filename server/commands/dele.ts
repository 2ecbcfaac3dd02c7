import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';
import { tellOfChange } from './tell-hooks.ts';

/** DELE: removes a file (RFC 959 §4.1.3). */
export const dele: Command = {
  verb: 'DELE',
  argument: 'required',
  syntax: 'DELE <SP> pathname',
  summary: 'remove a file',
  async handle(session, pathname) {
    const path = await session.files.delete(pathname);
    tellOfChange(session, { event: 'delete', path });
    return reply(250, `${path} removed.`);
  },
};
