import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';
import { FileUnavailableError } from '../errors/errors.ts';

/** SIZE: the octets that RETR would send; in TYPE A they would have to be counted (RFC 3659 §4). */
export const size: Command = {
  verb: 'SIZE',
  argument: 'required',
  syntax: 'SIZE <SP> pathname',
  summary: 'report the size of a file',
  features: () => ['SIZE'],
  async handle(session, pathname) {
    if (session.parameters.type === 'A') {
      throw new FileUnavailableError('SIZE is not available in TYPE A; send TYPE I first.');
    }
    const { kind, sizeBytes } = await session.files.sizeFacts(pathname);
    if (kind !== 'file') throw new FileUnavailableError(`${pathname}: not a plain file.`);
    return reply(213, String(sizeBytes));
  },
};
