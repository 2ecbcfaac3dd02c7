import { randomBytes } from 'node:crypto';
import type { Command } from '../contract/command.ts';
import { nameOf } from '../disk/virtual-path.ts';
import { transferReply } from '../transfer/transfer-receipt.ts';
import { upload } from '../transfer/upload.ts';

/** STOU: stores a file under an unused name and returns that name (RFC 959 §4.1.3, RFC 1123 §4.1.2.9). */
export const stou: Command = {
  verb: 'STOU',
  argument: 'optional',
  syntax: 'STOU [<SP> pathname]',
  summary: 'store a file under a new name',
  transfer: 'upload',
  async handle(session, pathname) {
    const chosen = pathname === '' ? 'upload' : pathname;
    const unique = `${chosen}.${randomBytes(5).toString('hex')}`;
    const receipt = await upload(session, {
      verb: 'STOU',
      pathname: unique,
      next: session.takeNext(),
      start: { kind: 'new', stem: nameOf(session.files.resolve(chosen)) },
      openingText: `FILE: ${unique}`,
    });
    return transferReply(session, `Transfer complete; the name is ${unique}`, receipt);
  },
};
