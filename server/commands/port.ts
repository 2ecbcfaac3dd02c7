import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';
import { ActiveConnector } from '../data/active-connector.ts';
import { ArgumentError } from '../errors/errors.ts';
import { activeTarget } from '../transfer/active-target.ts';
import { requireAnyConnectorAllowed } from '../transfer/passive-address.ts';

/** PORT: the server is to open the data connection, over IPv4 (RFC 959 §4.1.2). */
export const port: Command = {
  verb: 'PORT',
  argument: 'required',
  isCode: true,
  syntax: 'PORT <SP> h1,h2,h3,h4,p1,p2',
  summary: 'enter active mode',
  handle(session, argument) {
    requireAnyConnectorAllowed(session);
    const numbers = argument.split(',').map(octet);
    const [p1 = 0, p2 = 0] = numbers.slice(4);
    if (numbers.length !== 6) throw new ArgumentError('The argument is six numbers.');
    const address = numbers.slice(0, 4).join('.');
    const target = activeTarget(session, { address, port: p1 * 256 + p2 });
    const { localAddress } = session.control;
    session.transfers.setConnector(new ActiveConnector(target, localAddress));
    return reply(200, 'The data connection will be opened to your port.');
  },
};

function octet(text: string): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) > 255) {
    throw new ArgumentError('The argument is six numbers of 0 to 255.');
  }
  return Number(text);
}
