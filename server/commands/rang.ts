import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';
import { ArgumentError } from '../errors/errors.ts';

/** RANG: the octets that the next HASH or RETR is about, both ends included (draft-bryan-ftp-range §3). */
export const rang: Command = {
  verb: 'RANG',
  argument: 'required',
  isCode: true,
  syntax: 'RANG <SP> first <SP> last',
  summary: 'choose a range for HASH and RETR',
  features: () => ['RANG STREAM'],
  handle(session, argument) {
    const [, first = '', last = ''] = /^(\d+) +(\d+)$/.exec(argument) ?? [];
    const range = { firstBytes: Number(first), lastBytes: Number(last) };
    if (first === '' || !Number.isSafeInteger(range.firstBytes + range.lastBytes)) {
      throw new ArgumentError('The argument is the first and the last octet of the range.');
    }
    if (range.firstBytes === 1 && range.lastBytes === 0) {
      delete session.next.range;
      return reply(350, 'Range cleared.');
    }
    if (range.firstBytes > range.lastBytes) {
      throw new ArgumentError('The first octet of the range comes after the last.');
    }
    session.next.range = range;
    return reply(350, `Range set to octets ${first} to ${last}.`);
  },
};
