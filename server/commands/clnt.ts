import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';

/** CLNT: names the client; nothing depends on it. */
export const clnt: Command = {
  verb: 'CLNT',
  argument: 'required',
  isCode: true,
  beforeLogin: true,
  syntax: 'CLNT <SP> client-name',
  summary: 'name your client',
  features: () => ['CLNT'],
  handle: () => reply(200, 'Noted.'),
};
