import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';
import { ArgumentError, ParameterNotSupportedError } from '../errors/errors.ts';

/** STRU: files have no structure but their octets (RFC 959 §3.1.2). */
export const stru: Command = {
  verb: 'STRU',
  argument: 'required',
  isCode: true,
  beforeLogin: true,
  syntax: 'STRU <SP> F',
  summary: 'set the file structure',
  handle(_session, argument) {
    if (/^F$/i.test(argument)) return reply(200, 'Structure is F.');
    if (/^[RP]$/i.test(argument)) throw new ParameterNotSupportedError('Only STRU F is supported.');
    throw new ArgumentError('The structure is F, R or P.');
  },
};
