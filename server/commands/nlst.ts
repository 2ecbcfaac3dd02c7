import type { Command } from '../contract/command.ts';
import { listArgument } from '../listing/list-argument.ts';
import { sendListing } from '../transfer/listing-transfer.ts';

/** NLST: the names in a directory, ready for use in RETR (RFC 959 §4.1.3, RFC 1123 §4.1.2.7). */
export const nlst: Command = {
  verb: 'NLST',
  argument: 'optional',
  syntax: 'NLST [<SP> pathname]',
  summary: 'list the names in a directory',
  transfer: 'listing',
  handle: (session, argument) => sendListing(session, { verb: 'NLST', ...listArgument(argument) }),
};
