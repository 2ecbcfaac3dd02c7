import { toNetworkLineEnds } from '../data/ascii-translation.ts';
import {
  BRIEF_BYTES,
  type FileRange,
  fileChunks,
  readSmall,
  sendChunks,
  sendRange,
  sendWhole,
} from '../data/send.ts';
import { digestInTime, type TransferReceipt, transferReply } from '../data/transfer-receipt.ts';
import { TransferRecord } from '../data/transfer-record.ts';
import { RestartMarkerError } from '../errors.ts';
import { wholeFileChecksum } from '../files/file-checksum.ts';
import type { ReadableFile } from '../files/user-file-system.ts';
import type { Session } from '../session.ts';
import type { Command } from './command.ts';

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
    session.expectation = undefined;
    const file = await session.files.read(pathname);
    try {
      const wanted = wantedRange(file, range ?? { firstBytes: offsetBytes, lastBytes: Infinity });
      return transferReply('Transfer complete.', await download(session, file, wanted));
    } finally {
      file.close();
    }
  },
};

/** @returns the receipt, if the client has asked for one. */
async function download(
  session: Session,
  file: ReadableFile,
  range: FileRange,
): Promise<TransferReceipt | undefined> {
  const record = new TransferRecord(session, {
    verb: 'RETR',
    direction: 'download',
    offsetBytes: range.startBytes,
  });
  const digest = digestFor(session, file, range);
  const outgoing = { session, file, range, record };
  try {
    await (session.type === 'A' ? sendText(outgoing) : sendOctets(outgoing));
  } catch (error) {
    digest.giveUp();
    record.failed(file.path, error);
    throw error;
  }
  const number = record.complete(file.path, digest.sha256);
  if (!session.wantsReceipts) return undefined;
  const sha256 = digest.sha256 && (await digestInTime(session, digest.sha256));
  if (sha256 === undefined) digest.giveUp();
  return { sha256, sizeBytes: file.stats.size, number };
}

interface DownloadDigest {
  readonly sha256: Promise<string> | undefined;
  giveUp(): void;
}

const NO_DIGEST: DownloadDigest = { sha256: undefined, giveUp: () => {} };

/** The digest of a file that is sent whole: computed, meanwhile, for those only who want a receipt. */
function digestFor(
  session: Session,
  file: ReadableFile,
  { startBytes, endBytes }: FileRange,
): DownloadDigest {
  const isWhole = startBytes === 0 && endBytes === file.stats.size;
  if (!isWhole || !session.wantsReceipts) return NO_DIGEST;
  const controller = new AbortController();
  const giveUp = () => controller.abort(new Error('nobody waits for it'));
  const { checksums } = session.services;
  const { signal } = controller;
  const sha256 = wholeFileChecksum(checksums, file, { algorithm: 'SHA-256', signal });
  // Nobody waits for it if the transfer fails.
  sha256.catch(() => undefined);
  return { sha256, giveUp };
}

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

interface Outgoing {
  readonly session: Session;
  readonly file: ReadableFile;
  readonly range: FileRange;
  readonly record: TransferRecord;
}

async function sendOctets({ session, file: { path }, range, record }: Outgoing): Promise<void> {
  const { buffers } = session.services;
  const lengthBytes = range.endBytes - range.startBytes;
  const description = {
    verb: 'RETR',
    path,
    announcement: `Opening BINARY mode data connection for ${path} (${lengthBytes} bytes).`,
    isBrief: lengthBytes <= BRIEF_BYTES,
  };
  if (lengthBytes > buffers.smallBytes) {
    return session.transfer(description, (connection, transfer) => {
      record.begin(transfer);
      return sendRange(connection, range, { transfer, buffers });
    });
  }
  const small = await readSmall(range, buffers);
  try {
    await session.transfer(description, (connection, transfer) => {
      record.begin(transfer);
      return sendWhole(connection, small.subarray(0, lengthBytes), transfer);
    });
  } finally {
    buffers.give(small);
  }
}

function sendText({ session, file: { path }, range, record }: Outgoing): Promise<void> {
  const announcement = `Opening ASCII mode data connection for ${path}.`;
  return session.transfer({ verb: 'RETR', path, announcement }, (connection, transfer) => {
    record.begin(transfer);
    return sendChunks(connection, textOf(range), transfer);
  });
}

async function* textOf(range: FileRange): AsyncGenerator<Uint8Array> {
  for await (const chunk of fileChunks(range)) yield toNetworkLineEnds(chunk);
}
