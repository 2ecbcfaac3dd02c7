import { reply } from '../control/reply.ts';
import { toNetworkLineEnds } from '../data/ascii-translation.ts';
import {
  type FileRange,
  fileChunks,
  readSmall,
  sendChunks,
  sendRange,
  sendWhole,
} from '../data/send.ts';
import { RestartMarkerError } from '../errors.ts';
import type { ReadableFile } from '../files/user-file-system.ts';
import type { Session } from '../session.ts';
import type { Command } from './command.ts';

/** So much fits what the system sends before the client has confirmed anything. */
const BRIEF_BYTES = 8 * 1024;

/** RETR: sends a file, from the restart marker on if REST has set one (RFC 959 §4.1.3, RFC 3659 §5). */
export const retr: Command = {
  verb: 'RETR',
  argument: 'required',
  syntax: 'RETR <SP> pathname',
  summary: 'fetch a file',
  async handle(session, pathname) {
    const offsetBytes = session.takeTransferOffset();
    const { range } = session;
    session.range = undefined;
    const file = await session.files.read(pathname);
    try {
      const wanted = wantedRange(file, range ?? { firstBytes: offsetBytes, lastBytes: Infinity });
      await (session.type === 'A'
        ? sendText(session, file, wanted)
        : sendOctets(session, file, wanted));
      return reply(226, 'Transfer complete.');
    } finally {
      file.close();
    }
  },
};

function wantedRange(
  { descriptor, stats, path }: ReadableFile,
  { firstBytes, lastBytes }: { firstBytes: number; lastBytes: number },
): FileRange {
  if (firstBytes > stats.size) {
    throw new RestartMarkerError(
      `The restart marker ${firstBytes} lies beyond the end of ${path}, which has ${stats.size} bytes.`,
    );
  }
  return { descriptor, startBytes: firstBytes, endBytes: Math.min(lastBytes + 1, stats.size) };
}

async function sendOctets(session: Session, { path }: ReadableFile, range: FileRange) {
  const { buffers } = session.services;
  const lengthBytes = range.endBytes - range.startBytes;
  const description = {
    verb: 'RETR',
    path,
    announcement: `Opening BINARY mode data connection for ${path} (${lengthBytes} bytes).`,
  };
  if (lengthBytes > buffers.smallBytes) {
    return session.transfer(description, (connection, transfer) =>
      sendRange(connection, range, { transfer, buffers }),
    );
  }
  const small = await readSmall(range, buffers);
  const isBrief = lengthBytes <= BRIEF_BYTES;
  try {
    await session.transfer({ ...description, isBrief }, (connection, transfer) =>
      sendWhole(connection, small.subarray(0, lengthBytes), transfer),
    );
  } finally {
    buffers.give(small);
  }
}

function sendText(session: Session, { path }: ReadableFile, range: FileRange): Promise<void> {
  const announcement = `Opening ASCII mode data connection for ${path}.`;
  return session.transfer({ verb: 'RETR', path, announcement }, (connection, transfer) =>
    sendChunks(connection, textOf(range), transfer),
  );
}

async function* textOf(range: FileRange): AsyncGenerator<Uint8Array> {
  for await (const chunk of fileChunks(range)) yield toNetworkLineEnds(chunk);
}
