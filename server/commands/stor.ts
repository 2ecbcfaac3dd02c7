import type { Command } from '../contract/command.ts';
import { restartOffset } from '../transfer/restart-offset.ts';
import { transferReply } from '../transfer/transfer-receipt.ts';
import { upload } from '../transfer/upload.ts';

/** STOR: stores a file, from the restart marker on if REST has set one (RFC 959 §4.1.3, RFC 3659 §5). */
export const stor: Command = {
  verb: 'STOR',
  argument: 'required',
  syntax: 'STOR <SP> pathname',
  summary: 'store a file',
  transfer: 'upload',
  async handle(session, pathname) {
    const next = session.takeNext();
    const receipt = await upload(session, {
      verb: 'STOR',
      pathname,
      next,
      start: { kind: 'offset', offsetBytes: restartOffset(session, next) },
      openingText: 'Ready to receive the file.',
    });
    return transferReply(session, 'Transfer complete.', receipt);
  },
};
