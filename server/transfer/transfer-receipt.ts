import { multilineReply, type Reply, reply } from '../contract/reply.ts';
import type { SessionContext } from '../contract/session-context.ts';
import { abortable } from '../scheduling/abortable.ts';

/** Facts of a complete transfer for a client that wants receipts. */
export interface TransferReceipt {
  /** Digest of the file as stored; undefined if it is not known in time. */
  readonly sha256: string | undefined;
  /** Size of the file. */
  readonly sizeBytes: number;
  /** Number of the transfer in the audit log; undefined if it is not recorded. */
  readonly number: number | undefined;
}

/** Longest time that a client waits for a digest. */
const MAX_WAIT_MS = 10_000;

/** The final reply of a transfer: 250 if the data connection stays (RFC 959 §4.2). */
export function completeReply({ parameters: { mode } }: SessionContext, text: string): Reply {
  return reply(mode === 'B' ? 250 : 226, text);
}

/** The final reply for a file. Its last line is the same with and without a receipt. */
export function transferReply(
  session: SessionContext,
  text: string,
  receipt: TransferReceipt | undefined,
): Reply {
  const answer = completeReply(session, text);
  if (receipt === undefined) return answer;
  const { sha256, sizeBytes, number } = receipt;
  const facts = [
    ...(sha256 === undefined ? [] : [`SHA-256 ${sha256}`]),
    `size ${sizeBytes}`,
    ...(number === undefined ? [] : [`receipt ${number}`]),
  ];
  return multilineReply(answer.code, ['Receipt:', facts.join(' '), text]);
}

/** Waits for a digest, within reason; ABOR ends the waiting, and the transfer stays complete. */
export async function digestInTime(
  session: SessionContext,
  digest: Promise<string | undefined>,
): Promise<string | undefined> {
  try {
    // Most digests are ready; a signal and a timer cost as much as a small file.
    const ready = await Promise.race([digest, Promise.resolve(null)]);
    if (ready !== null) return ready;
    return await session.abortable((signal) => {
      const waiting = AbortSignal.any([signal, AbortSignal.timeout(MAX_WAIT_MS)]);
      return abortable(digest, waiting);
    });
  } catch {
    return undefined;
  }
}
