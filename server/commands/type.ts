import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';
import { ArgumentError, ParameterNotSupportedError } from '../errors/errors.ts';

/**
 * TYPE: text (A) or octets (I, and L 8, which is the same) (RFC 959 §3.1.1). Clients write the second parameter with
 * the blank of the RFC or without, and after I, too.
 */
export const type: Command = {
  verb: 'TYPE',
  argument: 'required',
  isCode: true,
  beforeLogin: true,
  syntax: 'TYPE <SP> A | I | L <SP> 8',
  summary: 'set the representation type',
  handle(session, argument) {
    const parameter = argument.toUpperCase();
    if (/^A( *N)?$/.test(parameter)) {
      session.parameters.type = 'A';
      return reply(200, 'Type set to A.');
    }
    if (/^(I( *N)?|L *8)$/.test(parameter)) {
      session.parameters.type = 'I';
      return reply(200, 'Type set to I.');
    }
    if (/^(E( *[NTC])?|[AI] *[TC]|L *\d+)$/.test(parameter)) {
      throw new ParameterNotSupportedError('Only TYPE A N, I and L 8 are supported.');
    }
    throw new ArgumentError('The types are A, I and L 8.');
  },
};
