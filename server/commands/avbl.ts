import { reply } from '../control/reply.ts';
import type { Command } from './command.ts';

/** AVBL: the bytes that the account still has room for (draft-peterson-streamlined-ftp-command-extensions §4). */
export const avbl: Command = {
  verb: 'AVBL',
  argument: 'optional',
  syntax: 'AVBL [<SP> pathname]',
  summary: 'tell how much room there is',
  features: () => ['AVBL'],
  async handle(session, pathname) {
    if (pathname !== '') await session.files.get(pathname);
    const { storage } = session.files;
    const usage = await storage.ledger?.usage(storage.accountId);
    const bytes = usage === undefined ? 0 : Math.max(0, usage.limitBytes - usage.usedBytes);
    return reply(213, String(bytes));
  },
};
