import type { Command } from '../contract/command.ts';
import { listArgument } from '../listing/list-argument.ts';
import { sendListing } from '../transfer/listing-transfer.ts';

/** LIST: what is in a directory, as `ls -l` shows it (RFC 959 §4.1.3). */
export const list: Command = {
  verb: 'LIST',
  argument: 'optional',
  syntax: 'LIST [<SP> pathname]',
  summary: 'list a directory for people',
  transfer: 'listing',
  handle: (session, argument) => sendListing(session, { verb: 'LIST', ...listArgument(argument) }),
};
