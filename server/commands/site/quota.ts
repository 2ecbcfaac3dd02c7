import { describeSize } from '../../config/units.ts';
import type { Command } from '../../contract/command.ts';
import { reply } from '../../contract/reply.ts';
import { NotPermittedError } from '../../errors/errors.ts';
import { entriesText } from '../../quota/entries-text.ts';
import { isUnlimited } from '../../quota/unlimited.ts';
import type { UploadAccess } from '../../uploads/upload-policy.ts';

/** Where a client cannot list, numbers of the account would tell it what others upload. @throws NotPermittedError */
export function requireUsageSeen(access: Pick<UploadAccess, 'seesUsage'>): void {
  if (access.seesUsage) return;
  throw new NotPermittedError('You may not see how much space is used.');
}

/**
 * SITE QUOTA: how much of its quota the account uses, in bytes and in files and directories; in a shared folder, what the
 * folder uses.
 */
export const quota: Command = {
  verb: 'QUOTA',
  argument: 'none',
  syntax: 'SITE QUOTA',
  summary: 'report used and available space',
  features: () => ['SITE QUOTA'],
  async handle(session) {
    const { access, writable: storage } = session.files.treeAt('.');
    if (storage === undefined) return reply(200, 'This account can only read and has no quota.');
    requireUsageSeen(access);
    const usage = await storage.ledger.usage(storage.accountId);
    const { usedBytes, limitBytes } = usage;
    const { chargedBytes } = storage.space.trash;
    // They make room for uploads.
    const deleted = chargedBytes === 0 ? '' : `, ${chargedBytes} of them by deleted files`;
    const entries = `${deleted}; ${entriesText(usage)}`;
    if (isUnlimited(limitBytes)) {
      const used = `${usedBytes} bytes used (${describeSize(usedBytes)})`;
      return reply(200, `${used}, quota unlimited${entries}.`);
    }
    const inWords = `${describeSize(usedBytes)} of ${describeSize(limitBytes)}`;
    return reply(200, `${usedBytes} of ${limitBytes} bytes used (${inWords})${entries}.`);
  },
};
