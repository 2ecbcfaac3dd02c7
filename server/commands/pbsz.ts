import { reply } from '../control/reply.ts';
import { ArgumentError, SequenceError } from '../errors.ts';
import type { Command } from './command.ts';

/** PBSZ: has no meaning under TLS, where it is always 0, and must be sent all the same (RFC 4217 §8). */
export const pbsz: Command = {
  verb: 'PBSZ',
  argument: 'required',
  beforeLogin: true,
  syntax: 'PBSZ <SP> 0',
  summary: 'comes before PROT',
  features: ({ services }) => (services.tls === undefined ? [] : ['PBSZ']),
  handle(session, argument) {
    if (session.services.tls === undefined) return reply(502, 'This server does not offer TLS.');
    if (!session.secure) throw new SequenceError('Send AUTH TLS first.');
    if (!/^\d{1,10}$/.test(argument.trim())) throw new ArgumentError('The argument is a number.');
    session.hasProtectionBufferSize = true;
    return reply(200, 'PBSZ=0');
  },
};
