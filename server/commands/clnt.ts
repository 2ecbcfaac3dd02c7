import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';

/** More tells an administrator nothing. */
const MAX_CHARACTERS = 100;

/** CLNT: names the client; nothing depends on it. */
export const clnt: Command = {
  verb: 'CLNT',
  argument: 'required',
  isCode: true,
  beforeLogin: true,
  syntax: 'CLNT <SP> client-name',
  summary: 'name your client',
  features: () => ['CLNT'],
  handle(session, name) {
    session.clientName = name.slice(0, MAX_CHARACTERS);
    return reply(200, 'Noted.');
  },
};
