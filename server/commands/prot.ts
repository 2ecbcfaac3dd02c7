import type { Command } from '../contract/command.ts';
import { type Reply, reply } from '../contract/reply.ts';
import type { SessionContext } from '../contract/session-context.ts';
import { ParameterNotSupportedError, SequenceError } from '../errors/errors.ts';

/**
 * PROT: whether data connections are encrypted (P) or in clear (C, the default) (RFC 4217 §9). PBSZ, which has no
 * meaning under TLS, need not come before: many devices never send it.
 */
export const prot: Command = {
  verb: 'PROT',
  argument: 'required',
  isCode: true,
  beforeLogin: true,
  syntax: 'PROT <SP> P | C',
  summary: 'encrypt the data connections',
  features: ({ services }) => (services.tls === undefined ? [] : ['PROT']),
  handle(session, argument): Reply {
    if (session.services.tls === undefined) return reply(502, 'This server does not offer TLS.');
    if (session.tls === undefined) throw new SequenceError('Send AUTH TLS first.');
    return chooseLevel(session, argument.toUpperCase());
  },
};

function chooseLevel(session: SessionContext, level: string): Reply {
  if (level === 'P') {
    session.transfers.dropBlocks();
    session.parameters.protection = 'P';
    return reply(200, 'Data connections are encrypted.');
  }
  if (level === 'C') {
    if (session.services.settings.tls === 'required') {
      return reply(534, 'Data connections must be encrypted; send PROT P.');
    }
    session.transfers.dropBlocks();
    session.parameters.protection = 'C';
    return reply(200, 'Data connections are not encrypted.');
  }
  if (level === 'S' || level === 'E') return reply(536, 'The levels under TLS are P and C.');
  throw new ParameterNotSupportedError('The levels are P and C.');
}
