import { createHash } from 'node:crypto';
import type { Command } from '../contract/command.ts';
import type { SessionContext } from '../contract/session-context.ts';
import type { NextTransfer } from '../contract/transfer-parameters.ts';
import { ToNetworkLineEnds } from '../data/ascii-translation.ts';
import { type FinalReply, SINGLE_WRITE_BYTES } from '../data/data-channel.ts';
import {
  type FileRange,
  fileChunks,
  readSmall,
  sendChunks,
  sendRange,
  sendWhole,
} from '../data/send.ts';
import { RestartMarkerError } from '../errors/errors.ts';
import type { ReadableFile } from '../files/visible-files.ts';
import { wholeFileChecksum } from '../transfer/file-checksum.ts';
import { restartOffset } from '../transfer/restart-offset.ts';
import { digestInTime, type TransferReceipt, transferReply } from '../transfer/transfer-receipt.ts';
import { TransferRecord } from '../transfer/transfer-record.ts';

/** RETR: sends a file, from the restart marker on if REST has set one (RFC 959 §4.1.3, RFC 3659 §5). */
export const retr: Command = {
  verb: 'RETR',
  argument: 'required',
  syntax: 'RETR <SP> pathname',
  summary: 'fetch a file',
  transfer: 'download',
  async handle(session, pathname) {
    const next = session.takeNext();
    const finalReply = finalReplyFor(next);
    const range = next.range ?? { firstBytes: restartOffset(session, next), lastBytes: Infinity };
    const file = await session.files.read(pathname);
    try {
      const wanted = wantedRange(file, range);
      const receipt = await download(session, file, { ...wanted, finalReply });
      return transferReply(session, 'Transfer complete.', receipt);
    } finally {
      file.close();
    }
  },
};

/**
 * aria2, which sends REST before each RETR, waits for its whole time-out and then calls the download complete if it
 * reads 150 and 226 together. Other clients get them as soon as they can, which makes small files faster.
 */
function finalReplyFor({ restartBytes }: NextTransfer): FinalReply {
  return restartBytes !== undefined ? 'apart' : 'at once';
}

interface WantedRange extends FileRange {
  readonly finalReply: FinalReply;
}

/** @returns the receipt, if the client has asked for one. */
async function download(
  session: SessionContext,
  file: ReadableFile,
  range: WantedRange,
): Promise<TransferReceipt | undefined> {
  const record = new TransferRecord(session, {
    verb: 'RETR',
    direction: 'download',
    offsetBytes: range.startBytes,
  });
  const digest = new DownloadDigest(session, file, range);
  const outgoing = { session, file, range, record, digest };
  try {
    await (session.parameters.type === 'A' ? sendText(outgoing) : sendOctets(outgoing));
  } catch (error) {
    digest.giveUp();
    record.failed(file.path, error);
    throw error;
  }
  const number = record.complete(file.path, digest.sha256);
  if (!session.parameters.wantsReceipts) return undefined;
  const { sha256 } = digest;
  const inTime = typeof sha256 === 'object' ? await digestInTime(session, sha256) : sha256;
  if (inTime === undefined) digest.giveUp();
  return { sha256: inTime, sizeBytes: file.stats.size, number };
}

/** SHA-256 of a file that is sent completely, for clients that want receipts. */
class DownloadDigest {
  readonly #isWanted: boolean;
  /** Aborts the checksum of the file. */
  #controller: AbortController | undefined;
  sha256: string | Promise<string> | undefined;

  constructor(
    { parameters: { wantsReceipts } }: SessionContext,
    { stats }: ReadableFile,
    { startBytes, endBytes }: FileRange,
  ) {
    this.#isWanted = wantsReceipts && startBytes === 0 && endBytes === stats.size;
  }

  /** Hashes octets that are in memory. */
  ofOctets(octets: Uint8Array): void {
    if (this.#isWanted) this.sha256 = createHash('sha256').update(octets).digest('hex');
  }

  /** Off the event loop, by reading the file once more. */
  ofFile({ services }: SessionContext, file: ReadableFile): void {
    if (!this.#isWanted) return;
    this.#controller = new AbortController();
    const options = { algorithm: 'SHA-256', signal: this.#controller.signal } as const;
    this.sha256 = wholeFileChecksum(services.checksums, file, options);
    // The receipt is optional: a failure to hash is no failure of the transfer.
    this.sha256.catch(() => undefined);
  }

  giveUp(): void {
    this.#controller?.abort(new Error('the digest is not needed'));
  }
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
  readonly session: SessionContext;
  readonly file: ReadableFile;
  readonly range: WantedRange;
  readonly record: TransferRecord;
  readonly digest: DownloadDigest;
}

async function sendOctets({ session, file, range, record, digest }: Outgoing): Promise<void> {
  const { buffers } = session.services;
  const { path } = file;
  const lengthBytes = range.endBytes - range.startBytes;
  const description = {
    verb: 'RETR',
    path,
    openingText: `Opening BINARY mode data connection for ${path} (${lengthBytes} bytes).`,
    isBrief: lengthBytes <= SINGLE_WRITE_BYTES,
    totalBytes: lengthBytes,
    finalReply: range.finalReply,
  };
  if (lengthBytes > buffers.smallBytes) {
    digest.ofFile(session, file);
    return session.transfers.run(description, (channel, transfer) => {
      record.begin(transfer);
      return sendRange(channel, range, { transfer, buffers });
    });
  }
  const small = await readSmall(range, buffers);
  const octets = small.subarray(0, lengthBytes);
  digest.ofOctets(octets);
  try {
    await session.transfers.run(description, (channel, transfer) => {
      record.begin(transfer);
      return sendWhole(channel, octets, transfer);
    });
  } finally {
    buffers.give(small);
  }
}

function sendText({ session, file, range, record, digest }: Outgoing): Promise<void> {
  const { path } = file;
  digest.ofFile(session, file);
  const openingText = `Opening ASCII mode data connection for ${path}.`;
  const { finalReply } = range;
  const description = { verb: 'RETR', path, openingText, finalReply };
  return session.transfers.run(description, (channel, transfer) => {
    record.begin(transfer);
    return sendChunks(channel, textOf(range), transfer);
  });
}

async function* textOf(range: FileRange): AsyncGenerator<Uint8Array> {
  const lines = new ToNetworkLineEnds();
  for await (const chunk of fileChunks(range)) yield lines.push(chunk);
}
