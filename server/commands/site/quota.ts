import { readableBytes } from '../../control/readable-bytes.ts';
import { reply } from '../../control/reply.ts';
import { entriesText } from '../../quota/entries-text.ts';
import { isUnlimited } from '../../quota/unlimited.ts';
import type { Command } from '../command.ts';

/** SITE QUOTA: how much of its quota the account uses, in bytes and in files and directories. */
export const quota: Command = {
  verb: 'QUOTA',
  argument: 'none',
  syntax: 'SITE QUOTA',
  summary: 'report used and available space',
  features: () => ['SITE QUOTA'],
  async handle(session) {
    const storage = session.files.writable;
    if (storage === undefined) return reply(200, 'This account can only read and has no quota.');
    const usage = await storage.ledger.usage(storage.accountId);
    const { usedBytes, limitBytes } = usage;
    const entries = entriesText(usage);
    if (isUnlimited(limitBytes)) {
      const used = `${usedBytes} bytes used (${readableBytes(usedBytes)})`;
      return reply(200, `${used}, quota unlimited; ${entries}.`);
    }
    const inWords = `${readableBytes(usedBytes)} of ${readableBytes(limitBytes)}`;
    return reply(200, `${usedBytes} of ${limitBytes} bytes used (${inWords}); ${entries}.`);
  },
};
