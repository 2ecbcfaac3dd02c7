import { reply } from '../control/reply.ts';
import type { Command } from './command.ts';

/** SMNT: there is nothing else to mount (RFC 959 §4.1.1). */
export const smnt: Command = {
  verb: 'SMNT',
  argument: 'required',
  syntax: 'SMNT <SP> pathname',
  summary: 'not available',
  handle: () => reply(502, 'Nothing to mount.'),
};
