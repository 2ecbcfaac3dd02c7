import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';
import { ArgumentError, SequenceError } from '../errors/errors.ts';

const HOST_NAME = /^(\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9])?)$/;

/** HOST: names the server that the client means. MyFTP is one server under every name (RFC 7151). */
export const host: Command = {
  verb: 'HOST',
  argument: 'required',
  isCode: true,
  beforeLogin: true,
  syntax: 'HOST <SP> hostname',
  summary: 'name the server that you mean',
  features: () => ['HOST'],
  handle(session, hostname) {
    if (session.isLoggedIn) throw new SequenceError('HOST comes before USER.');
    if (!HOST_NAME.test(hostname)) throw new ArgumentError('Not a host name.');
    return reply(220, 'MyFTP ready.');
  },
};
