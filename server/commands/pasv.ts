import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';
import { passiveAddress, requireAnyConnectorAllowed } from '../transfer/passive-address.ts';

/** PASV: the client is to open the data connection, over IPv4 (RFC 959 §4.1.2). */
export const pasv: Command = {
  verb: 'PASV',
  argument: 'none',
  syntax: 'PASV',
  summary: 'enter passive mode',
  async handle(session) {
    requireAnyConnectorAllowed(session);
    const address = passiveAddress(session);
    const port = await session.transfers.listen();
    const numbers = `${address.replaceAll('.', ',')},${port >> 8},${port & 0xff}`;
    return reply(227, `Entering Passive Mode (${numbers}).`);
  },
};
