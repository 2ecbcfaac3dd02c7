import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';
import { ArgumentError, ParameterNotSupportedError } from '../errors/errors.ts';

/** REST: where the next transfer begins, in octets from the start of the file (RFC 3659 §5). */
export const rest: Command = {
  verb: 'REST',
  argument: 'required',
  isCode: true,
  syntax: 'REST <SP> offset',
  summary: 'begin the next transfer at an offset',
  features: () => ['REST STREAM'],
  handle(session, argument) {
    const offsetBytes = Number(argument);
    if (!/^\d+$/.test(argument) || !Number.isSafeInteger(offsetBytes)) {
      throw new ArgumentError('The restart marker is a number of octets, 0 to 9007199254740991.');
    }
    if (offsetBytes > 0 && session.parameters.type === 'A') {
      throw new ParameterNotSupportedError('Transfers can be restarted in TYPE I only.');
    }
    session.next.restartBytes = offsetBytes;
    return reply(350, `Restarting at ${offsetBytes}; send STOR, RETR or APPE.`);
  },
};
