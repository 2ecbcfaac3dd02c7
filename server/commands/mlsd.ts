import type { Command } from '../contract/command.ts';
import { sendListing } from '../transfer/listing-transfer.ts';

/** MLSD: what is in a directory, for programs (RFC 3659 §7). */
export const mlsd: Command = {
  verb: 'MLSD',
  argument: 'optional',
  syntax: 'MLSD [<SP> pathname]',
  summary: 'list a directory for programs',
  transfer: 'listing',
  handle: (session, pathname) => sendListing(session, { verb: 'MLSD', pathname, showHidden: true }),
};
