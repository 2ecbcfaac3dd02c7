import type { Command } from '../contract/command.ts';
import { reply } from '../contract/reply.ts';
import { requireUsageSeen } from './site/quota.ts';

/**
 * AVBL: the bytes that the account still has room for, of its quota or, without a limit, on the disk (draft-peterson-streamlined-ftp-command-extensions §4).
 */
export const avbl: Command = {
  verb: 'AVBL',
  argument: 'optional',
  syntax: 'AVBL [<SP> pathname]',
  summary: 'report available space',
  features: () => ['AVBL'],
  async handle(session, pathname) {
    const tree = session.files.treeAt(pathname);
    requireUsageSeen(tree.access);
    if (pathname !== '') await session.files.get(pathname);
    return reply(213, String(await tree.availableBytes()));
  },
};
