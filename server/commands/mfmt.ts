import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';
import { ArgumentError } from '../errors/errors.ts';
import { machineTime, parseMachineTime } from '../listing/machine-time.ts';

/** MFMT: sets when a file was last changed (draft-somers-ftp-mfxx §3). */
export const mfmt: Command = {
  verb: 'MFMT',
  argument: 'required',
  syntax: 'MFMT <SP> YYYYMMDDHHMMSS <SP> pathname',
  summary: 'set the modification time',
  features: () => ['MFMT'],
  async handle(session, argument) {
    const [, time = '', pathname = ''] = /^ *(\S+) (.+)$/.exec(argument) ?? [];
    const modifiedMs = parseMachineTime(time);
    if (modifiedMs === undefined) {
      throw new ArgumentError('The argument is a time as YYYYMMDDHHMMSS and a pathname.');
    }
    const path = await session.files.setModificationTime(pathname, modifiedMs);
    return reply(213, `Modify=${machineTime(modifiedMs)}; ${path}`);
  },
};
