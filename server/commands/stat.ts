import { multilineReply, type Reply } from '../control/reply.ts';
import { openListing } from '../data/listing-transfer.ts';
import { listArgument } from '../listing/list-argument.ts';
import type { Session } from '../session.ts';
import type { Command } from './command.ts';

/** A listing that fits a reply: longer ones belong on a data connection. */
const LINES_AT_MOST = 10_000;

/**
 * STAT: how the session, or its transfer, is going; with a pathname, a listing over the control
 * connection (RFC 959 §4.1.3).
 */
export const stat: Command = {
  verb: 'STAT',
  argument: 'optional',
  duringTransfer: true,
  syntax: 'STAT [<SP> pathname]',
  summary: 'tell how things are',
  handle: (session, argument) =>
    argument === '' ? statusOf(session) : statusOfPath(session, argument),
};

function statusOf(session: Session): Reply {
  const { transferring, services } = session;
  const running =
    transferring === undefined
      ? 'No transfer is running.'
      : `${transferring.description.verb} ${transferring.description.path}: ${transferring.movedBytes} bytes in ${services.now() - transferring.startedMs} ms.`;
  return multilineReply(211, [
    'MyFTP status:',
    `Logged in as ${session.username ?? 'nobody'}, from ${session.peerAddress}.`,
    `TYPE ${session.type}, STRU F, MODE ${session.mode}.`,
    running,
    'End.',
  ]);
}

async function statusOfPath(session: Session, argument: string): Promise<Reply> {
  const listing = await openListing(session, { verb: 'LIST', ...listArgument(argument) });
  try {
    const lines = await session.abortable((signal) => linesOf(listing.chunks(signal)));
    return multilineReply(213, [`Status of ${listing.path}:`, ...lines, 'End.']);
  } finally {
    listing.close();
  }
}

async function linesOf(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<string[]> {
  const lines: string[] = [];
  for await (const chunk of chunks) {
    lines.push(...Buffer.from(chunk).toString().split('\r\n').slice(0, -1));
    if (lines.length > LINES_AT_MOST) {
      return [...lines.slice(0, LINES_AT_MOST), 'There is more; LIST shows all.'];
    }
  }
  return lines;
}
