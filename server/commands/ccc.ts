import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';

/** CCC: the control connection stays encrypted once it is (RFC 4217 §6). */
export const ccc: Command = {
  verb: 'CCC',
  argument: 'none',
  beforeLogin: true,
  syntax: 'CCC',
  summary: 'not available',
  handle({ tls, services }) {
    if (services.tls === undefined) return reply(502, 'This server does not offer TLS.');
    return tls !== undefined
      ? reply(534, 'The control connection stays encrypted.')
      : reply(533, 'The control connection is not encrypted.');
  },
};
