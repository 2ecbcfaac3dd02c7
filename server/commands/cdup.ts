import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';

/** CDUP: changes to the directory above; the root is above itself (RFC 959 §4.1.1). */
export const cdup: Command = {
  verb: 'CDUP',
  aliases: ['XCUP'],
  argument: 'none',
  syntax: 'CDUP',
  summary: 'change to the directory above',
  async handle(session) {
    const path = await session.files.chdir('..');
    return reply(250, `Directory changed to ${path}.`);
  },
};
