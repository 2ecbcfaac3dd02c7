import type { Command } from '../contract/command.ts';
import { type Reply, reply } from '../contract/reply.ts';
import { ParameterNotSupportedError, SequenceError } from '../errors/errors.ts';

/** The names under which clients ask for TLS; `SSL` is what the old ones say (RFC 4217 §17). */
const MECHANISMS = new Set(['TLS', 'TLS-C', 'TLS-P', 'SSL']);

/** AUTH: encrypts the control connection; a login that was before is over (RFC 4217 §4). */
export const auth: Command = {
  verb: 'AUTH',
  argument: 'required',
  isCode: true,
  beforeLogin: true,
  syntax: 'AUTH <SP> TLS',
  summary: 'encrypt the control connection',
  features: ({ services }) => (services.tls === undefined ? [] : ['AUTH TLS']),
  handle(session, argument): Reply | undefined {
    const { tls } = session.services;
    if (tls === undefined) return reply(502, 'This server does not offer TLS.');
    if (session.tls !== undefined)
      throw new SequenceError('The control connection is already encrypted.');
    if (!MECHANISMS.has(argument.toUpperCase())) {
      throw new ParameterNotSupportedError('The only mechanism is TLS.');
    }
    session.startTls(tls.newControlTls(), reply(234, 'Ready for the TLS handshake.'));
    return undefined;
  },
};
