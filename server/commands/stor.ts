import { transferReply } from '../transfer/transfer-receipt.ts';
import { upload } from '../transfer/upload.ts';
import type { Command } from './command.ts';

/** STOR: stores a file, from the restart marker on if REST has set one (RFC 959 §4.1.3, RFC 3659 §5). */
export const stor: Command = {
  verb: 'STOR',
  argument: 'required',
  syntax: 'STOR <SP> pathname',
  summary: 'store a file',
  async handle(session, pathname) {
    const offsetBytes = session.takeTransferOffset();
    const receipt = await upload(session, {
      verb: 'STOR',
      pathname,
      start: { kind: 'offset', offsetBytes },
      announcement: 'Send the file.',
    });
    return transferReply(session, 'Transfer complete.', receipt);
  },
};
