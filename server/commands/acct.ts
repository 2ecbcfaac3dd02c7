import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';

/** ACCT: MyFTP has no accounts within a user (RFC 959 §4.1.1). */
export const acct: Command = {
  verb: 'ACCT',
  argument: 'required',
  beforeLogin: true,
  secretArgument: 'all',
  syntax: 'ACCT <SP> account',
  summary: 'not needed here',
  handle: () => reply(202, 'No account is needed.'),
};
