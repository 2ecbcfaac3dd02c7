import { reply } from '../control/reply.ts';
import { ArgumentError, ParameterNotSupportedError } from '../errors.ts';
import type { Command } from './command.ts';

/** MODE: data are sent as a stream (RFC 959 §3.4). */
export const mode: Command = {
  verb: 'MODE',
  argument: 'required',
  beforeLogin: true,
  syntax: 'MODE <SP> S',
  summary: 'set the transfer mode',
  handle(_session, argument) {
    if (/^S$/i.test(argument)) return reply(200, 'Mode is S.');
    if (/^[BCZ]$/i.test(argument))
      throw new ParameterNotSupportedError('Only MODE S is supported.');
    throw new ArgumentError('The mode is S, B or C.');
  },
};
