import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';

/** NOOP: does nothing; while a transfer runs, too (RFC 959 §4.1.3). */
export const noop: Command = {
  verb: 'NOOP',
  argument: 'none',
  beforeLogin: true,
  duringTransfer: true,
  syntax: 'NOOP',
  summary: 'do nothing',
  handle: () => reply(200, 'OK.'),
};
