import { reply } from '../control/reply.ts';
import { upload } from '../data/upload.ts';
import type { Command } from './command.ts';

/** STOR: stores a file, from the restart marker on if REST has set one (RFC 959 §4.1.3, RFC 3659 §5). */
export const stor: Command = {
  verb: 'STOR',
  argument: 'required',
  syntax: 'STOR <SP> pathname',
  summary: 'store a file',
  async handle(session, pathname) {
    const offsetBytes = session.takeTransferOffset();
    await upload(session, {
      verb: 'STOR',
      pathname,
      start: { kind: 'offset', offsetBytes },
      announcement: 'Send the file.',
    });
    return reply(226, 'Transfer complete.');
  },
};
