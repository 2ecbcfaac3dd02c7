import { isIPv4 } from 'node:net';
import type { Command } from '../contract/command.ts';
import { type Reply, reply } from '../contract/reply.ts';
import { ArgumentError } from '../errors/errors.ts';

/** EPSV: the client is to open the data connection, over the protocol it came by (RFC 2428 §3). */
export const epsv: Command = {
  verb: 'EPSV',
  argument: 'optional',
  isCode: true,
  syntax: 'EPSV [<SP> 1 | 2 | ALL]',
  summary: 'enter passive mode',
  features: () => ['EPSV'],
  async handle(session, argument): Promise<Reply> {
    const parameter = argument.toUpperCase();
    if (parameter === 'ALL') {
      session.parameters.isExtendedPassiveOnly = true;
      return reply(200, 'EPSV ALL accepted; other commands for data connections are refused.');
    }
    const own = isIPv4(session.peerAddress) ? '1' : '2';
    if (!/^\d*$/.test(parameter)) throw new ArgumentError('The argument is 1, 2 or ALL.');
    if (parameter !== '' && parameter !== own) {
      return reply(522, `This control connection uses another protocol, use (${own}).`);
    }
    const port = await session.transfers.listen();
    return reply(229, `Entering Extended Passive Mode (|||${port}|).`);
  },
};
