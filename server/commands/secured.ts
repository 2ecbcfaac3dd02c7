import { reply } from '../control/reply.ts';
import type { Command } from './command.ts';

/** The verbs of TLS (RFC 4217), which this version does not offer: clients then go on in clear. */
export const secured: readonly Command[] = [
  notOffered('AUTH', 'AUTH <SP> mechanism'),
  notOffered('PBSZ', 'PBSZ <SP> size'),
  notOffered('PROT', 'PROT <SP> level'),
  notOffered('CCC', 'CCC'),
];

function notOffered(verb: string, syntax: string): Command {
  return {
    verb,
    argument: 'optional',
    beforeLogin: true,
    syntax,
    summary: 'not available',
    handle: () => reply(502, 'This server does not offer TLS.'),
  };
}
