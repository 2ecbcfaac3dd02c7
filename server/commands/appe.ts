import type { Command } from '../contract/command.ts';
import { restartOffset } from '../transfer/restart-offset.ts';
import { transferReply } from '../transfer/transfer-receipt.ts';
import { upload } from '../transfer/upload.ts';

/** APPE: appends to a file, or makes it (RFC 959 §4.1.3); after REST it acts as STOR (RFC 3659 §5.3). */
export const appe: Command = {
  verb: 'APPE',
  argument: 'required',
  syntax: 'APPE <SP> pathname',
  summary: 'append to a file',
  transfer: 'upload',
  async handle(session, pathname) {
    const next = session.takeNext();
    const offsetBytes = restartOffset(session, next);
    const receipt = await upload(session, {
      verb: 'APPE',
      pathname,
      next,
      start: offsetBytes === 0 ? { kind: 'append' } : { kind: 'offset', offsetBytes },
      openingText: 'Ready to receive the data to append.',
    });
    return transferReply(session, 'Transfer complete.', receipt);
  },
};
