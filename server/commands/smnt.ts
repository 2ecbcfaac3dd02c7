import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';

/** SMNT: there is nothing else to mount (RFC 959 §4.1.1). */
export const smnt: Command = {
  verb: 'SMNT',
  argument: 'required',
  syntax: 'SMNT <SP> pathname',
  summary: 'not available',
  handle: () => reply(502, 'Nothing to mount.'),
};
