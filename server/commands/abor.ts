import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';

/**
 * ABOR: ends the running transfer (RFC 959 §4.1.3). The session has ended it when this command came in,
 * and 426 has been sent for it; what is left is to say so.
 */
export const abor: Command = {
  verb: 'ABOR',
  argument: 'none',
  syntax: 'ABOR',
  summary: 'end the running transfer',
  handle(session) {
    session.transfers.dropBlocks();
    return reply(226, 'No transfer in progress.');
  },
};
