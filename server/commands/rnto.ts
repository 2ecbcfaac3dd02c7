import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';
import { SequenceError } from '../errors/errors.ts';
import { tellOfChange } from './tell-hooks.ts';

/** RNTO: renames what RNFR has named (RFC 959 §4.1.3). */
export const rnto: Command = {
  verb: 'RNTO',
  argument: 'required',
  syntax: 'RNTO <SP> pathname',
  summary: 'give a new name',
  async handle(session, pathname) {
    const pending = session.takePending('RNTO');
    if (pending === undefined) throw new SequenceError('Send RNFR first.');
    const path = await session.files.rename(pending.from, pathname);
    tellOfChange(session, { event: 'rename', path, from: String(pending.from) });
    return reply(250, `Renamed to ${path}.`);
  },
};
