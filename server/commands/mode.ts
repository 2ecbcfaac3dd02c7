import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';
import { ArgumentError, ParameterNotSupportedError } from '../errors/errors.ts';

/** MODE: data are sent as a stream, or in blocks over a data connection that stays (RFC 959 §3.4). */
export const mode: Command = {
  verb: 'MODE',
  argument: 'required',
  isCode: true,
  beforeLogin: true,
  syntax: 'MODE <SP> S | B',
  summary: 'set the transfer mode',
  handle(session, argument) {
    const wanted = argument.toUpperCase();
    if (wanted === 'C' || wanted === 'Z') {
      throw new ParameterNotSupportedError('The modes are S and B.');
    }
    if (wanted !== 'S' && wanted !== 'B') throw new ArgumentError('The mode is S, B or C.');
    session.transfers.dropBlocks();
    session.parameters.mode = wanted;
    return reply(200, `Mode set to ${wanted}.`);
  },
};
