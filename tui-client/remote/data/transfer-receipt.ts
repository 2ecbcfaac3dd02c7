import { type Reply, wordsOf } from '../connection/reply.ts';
import type { TransferReceipt } from './transfer-connection.ts';

/** What the final reply of a transfer says, with the digest of MyFTP's receipt line if there is one. */
export function receiptIn(reply: Reply): TransferReceipt {
  const sha256Hex = /\bSHA-?256\W+([0-9a-f]{64})\b/i.exec(reply.text)?.[1]?.toLowerCase();
  return { message: wordsOf(reply), ...(sha256Hex !== undefined && { sha256Hex }) };
}
