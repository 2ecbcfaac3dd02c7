import type { Command } from '../contract/command.ts';
import { multilineReply, type Reply, reply } from '../contract/reply.ts';
import type { SessionContext } from '../contract/session-context.ts';
import { lineName } from '../listing/line-name.ts';
import { listArgument } from '../listing/list-argument.ts';
import { openListing } from '../transfer/listing-transfer.ts';

/** A listing that fits a reply: longer ones belong on a data connection. */
const MAX_LINES = 10_000;

/**
 * STAT: how the session, or its transfer, is going; with a pathname, a listing over the control
 * connection (RFC 959 §4.1.3).
 */
export const stat: Command = {
  verb: 'STAT',
  argument: 'optional',
  duringTransfer: true,
  syntax: 'STAT [<SP> pathname]',
  summary: 'report status',
  handle: (session, argument) =>
    argument === '' ? statusOf(session) : statusOfPath(session, argument),
};

function statusOf(session: SessionContext): Reply {
  const { transferring, services } = session;
  const running =
    transferring === undefined
      ? 'No transfer is running.'
      : `${transferring.description.verb} ${transferring.description.path}: ${transferring.movedBytes} bytes in ${services.now() - transferring.startedMs} ms.`;
  return multilineReply(211, [
    'MyFTP status:',
    `Logged in as ${session.username ?? 'none'}, from ${session.peerAddress}.`,
    `TYPE ${session.parameters.type}, STRU F, MODE ${session.parameters.mode}.`,
    running,
    'End.',
  ]);
}

/**
 * Sends a listing while it is read, and waits for the client to receive it: a client that sends STAT and reads nothing
 * costs one block of memory. Nothing is sent before the first block, so that an earlier failure has its own reply.
 */
async function statusOfPath(session: SessionContext, argument: string): Promise<Reply> {
  const listing = await openListing(session, { verb: 'LIST', ...listArgument(argument) });
  let sentLines = 0;
  try {
    await session.abortable(async (signal) => {
      for await (const chunk of listing.chunks(signal)) {
        const lines = linesIn(chunk).slice(0, MAX_LINES - sentLines);
        if (sentLines === 0)
          await session.control.sendText(`213-Status of ${lineName(listing.path)}:\r\n`);
        await session.control.sendText(
          Buffer.from(lines.map((line) => ` ${line}\r\n`).join(''), 'latin1'),
        );
        sentLines += lines.length;
        if (sentLines === MAX_LINES) break;
        signal.throwIfAborted();
      }
    });
  } catch (error) {
    if (sentLines === 0) throw error;
    return reply(213, 'Listing incomplete.');
  } finally {
    listing.close();
  }
  if (sentLines === 0) return multilineReply(213, [`Status of ${listing.path}:`, 'End.']);
  return reply(
    213,
    sentLines === MAX_LINES ? 'Truncated; send LIST for the complete listing.' : 'End.',
  );
}

/** Octets of names, which need not be UTF-8, as characters. */
function linesIn(chunk: Uint8Array): string[] {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    .toString('latin1')
    .split('\r\n')
    .slice(0, -1);
}
