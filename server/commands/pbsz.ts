import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';
import { ArgumentError, SequenceError } from '../errors/errors.ts';

/** PBSZ: has no meaning under TLS, where it is always 0 (RFC 4217 §8). */
export const pbsz: Command = {
  verb: 'PBSZ',
  argument: 'required',
  isCode: true,
  beforeLogin: true,
  syntax: 'PBSZ <SP> 0',
  summary: 'set the protection buffer size',
  features: ({ services }) => (services.tls === undefined ? [] : ['PBSZ']),
  handle(session, argument) {
    if (session.services.tls === undefined) return reply(502, 'This server does not offer TLS.');
    if (session.tls === undefined) throw new SequenceError('Send AUTH TLS first.');
    if (!/^\d{1,10}$/.test(argument)) throw new ArgumentError('The argument is a number.');
    return reply(200, 'PBSZ=0');
  },
};
