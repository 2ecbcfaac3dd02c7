import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';

/** RNFR: names what is to be renamed by the next RNTO (RFC 959 §4.1.3). */
export const rnfr: Command = {
  verb: 'RNFR',
  argument: 'required',
  syntax: 'RNFR <SP> pathname',
  summary: 'name what is to be renamed',
  async handle(session, pathname) {
    session.dropPending();
    const from = session.files.resolve(pathname);
    await session.files.get(from, 'rename');
    session.setPending({ verb: 'RNTO', from });
    return reply(350, 'Ready for RNTO.');
  },
};
