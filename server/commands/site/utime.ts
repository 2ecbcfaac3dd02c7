import type { Command } from '../../contract/command.ts';
import { reply } from '../../contract/reply.ts';
import { ArgumentError } from '../../errors/errors.ts';
import { machineTime, parseMachineTime } from '../../listing/machine-time.ts';

/**
 * SITE UTIME: sets when a file was last changed, in the two forms that clients use: the time and the
 * pathname; or the pathname, times of access, change and making, and `UTC`.
 */
export const utime: Command = {
  verb: 'UTIME',
  argument: 'required',
  syntax: 'SITE UTIME <SP> YYYYMMDDhhmm[ss] <SP> pathname',
  summary: 'set the modification time',
  features: () => ['SITE UTIME'],
  async handle(session, argument) {
    const { time, pathname } = readForms(argument);
    const modifiedMs = parseMachineTime(time.padEnd(14, '0'));
    if (modifiedMs === undefined) throw new ArgumentError('Not a valid time.');
    const path = await session.files.setModificationTime(pathname, modifiedMs);
    return reply(200, `${path} was changed at ${machineTime(modifiedMs)}.`);
  },
};

const LONG_FORM = /^(?<pathname>.+) \d{12,14} (?<time>\d{12,14}) \d{12,14} UTC *$/i;
const SHORT_FORM = /^ *(?<time>\d{12}|\d{14}) (?<pathname>.+)$/;

function readForms(argument: string): { time: string; pathname: string } {
  const match = LONG_FORM.exec(argument) ?? SHORT_FORM.exec(argument);
  const { time, pathname } = match?.groups ?? {};
  if (time === undefined || pathname === undefined) {
    throw new ArgumentError('The argument is a time as YYYYMMDDhhmm and a pathname.');
  }
  return { time, pathname };
}
