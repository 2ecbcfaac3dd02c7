import type { Command } from '../../contract/command.ts';
import { reply } from '../../contract/reply.ts';
import { ArgumentError, NotPermittedError } from '../../errors/errors.ts';
import { machineTime, parseMachineTime } from '../../listing/machine-time.ts';

/**
 * SITE MODIFIED: says when the file of the next upload was last changed. The file has that time as soon as it is put in
 * place, and needs no MFMT after it.
 */
export const modified: Command = {
  verb: 'MODIFIED',
  argument: 'required',
  isCode: true,
  syntax: 'SITE MODIFIED <SP> YYYYMMDDHHMMSS',
  summary: 'set the modification time of the next upload',
  features: () => ['SITE MODIFIED'],
  handle(session, argument) {
    if (!session.files.mayUpload) throw new NotPermittedError('You may not upload files.');
    const modifiedMs = parseMachineTime(argument.trimEnd());
    if (modifiedMs === undefined)
      throw new ArgumentError('The argument is a time as YYYYMMDDHHMMSS.');
    session.next.modifiedMs = modifiedMs;
    return reply(200, `Modification time of the next upload: ${machineTime(modifiedMs)}.`);
  },
};
