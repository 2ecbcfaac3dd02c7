import { reply } from '../control/reply.ts';
import { upload } from '../data/upload.ts';
import type { Command } from './command.ts';

/** APPE: appends to a file, or makes it (RFC 959 §4.1.3). */
export const appe: Command = {
  verb: 'APPE',
  argument: 'required',
  syntax: 'APPE <SP> pathname',
  summary: 'append to a file',
  async handle(session, pathname) {
    session.takeRestartMarker();
    await upload(session, {
      verb: 'APPE',
      pathname,
      start: { kind: 'append' },
      announcement: 'Send what is to be appended.',
    });
    return reply(226, 'Transfer complete.');
  },
};
