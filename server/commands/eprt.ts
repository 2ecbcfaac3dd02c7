import { isIPv4, isIPv6 } from 'node:net';
import type { Command } from '../contract/command.ts';
import { type Reply, reply } from '../contract/reply.ts';
import { ActiveConnector } from '../data/active-connector.ts';
import { ArgumentError } from '../errors/errors.ts';
import { activeTarget } from '../transfer/active-target.ts';
import { requireAnyConnectorAllowed } from '../transfer/passive-address.ts';

/** EPRT: the server is to open the data connection, over IPv4 or IPv6 (RFC 2428 §2). */
export const eprt: Command = {
  verb: 'EPRT',
  argument: 'required',
  isCode: true,
  syntax: 'EPRT <SP> |protocol|address|port|',
  summary: 'enter active mode',
  features: () => ['EPRT'],
  handle(session, argument): Reply {
    requireAnyConnectorAllowed(session);
    const [before, protocol = '', address = '', portText = '', after] = argument.split(
      argument.charAt(0),
    );
    if (before !== '' || after !== '' || !/^\d{1,5}$/.test(portText) || !/^\d+$/.test(protocol)) {
      throw new ArgumentError('The argument is |protocol|address|port|.');
    }
    if (protocol !== '1' && protocol !== '2') {
      return reply(522, 'Network protocol not supported, use (1,2).');
    }
    if (protocol === '1' ? !isIPv4(address) : !isIPv6(address)) {
      throw new ArgumentError('The address does not belong to this protocol.');
    }
    const target = activeTarget(session, { address, port: Number(portText) });
    const { localAddress } = session.control;
    session.transfers.setConnector(new ActiveConnector(target, localAddress));
    return reply(200, 'The data connection will be opened to your port.');
  },
};
