import type { SessionContext } from '../contract/session-context.ts';
import type { NextTransfer } from '../contract/transfer-parameters.ts';
import { FromNetworkLineEnds } from '../data/ascii-translation.ts';
import type { DataChannel } from '../data/data-channel.ts';
import type { DataEnd } from '../data/octet-reader.ts';
import { receive } from '../data/receive.ts';
import type { Transfer } from '../data/transfer.ts';
import { noSpaceFor, ParameterNotSupportedError, QuotaExceededError } from '../errors/errors.ts';
import { setFileTimes } from '../files/file-times.ts';
import type { UploadStart } from '../uploads/upload-base.ts';
import type { UploadFile } from '../uploads/upload-file.ts';
import { appendedDigest, beginDigest } from './received-digest.ts';
import { digestInTime, type TransferReceipt } from './transfer-receipt.ts';
import { TransferRecord } from './transfer-record.ts';
import {
  type Declared,
  declaredBy,
  type Incoming,
  requireComplete,
  survivalOf,
} from './upload-end.ts';

interface Upload {
  readonly verb: string;
  readonly pathname: string;
  /** Parameters that were set for this transfer. */
  readonly next: NextTransfer;
  readonly start: UploadStart;
  /** Text of reply 150. */
  readonly openingText: string;
}

/**
 * Receives a file and puts it in place. When this resolves the file is complete under its name; when it
 * fails, what had that name is as it was, and what has arrived can be resumed.
 *
 * @returns the receipt, if the client has asked for one.
 */
export async function upload(
  session: SessionContext,
  request: Upload,
): Promise<TransferReceipt | undefined> {
  const { verb, pathname, openingText } = request;
  const declared = declaredBy(session, request.next);
  session.files.access.requireUploadSize(declared.expectation?.sizeBytes ?? 0);
  const file = await openFile(session, pathname, startOf(request, declared));
  const digest = beginDigest(session, file, declared.expectation);
  const incoming = { session, file, digest, declared };
  const record = new TransferRecord(session, {
    verb,
    direction: 'upload',
    offsetBytes: file.sizeBytes,
  });
  try {
    if (request.next.needsRoom === true) await requireRoom(file, declared);
    const description = {
      verb,
      path: file.shownPath,
      openingText,
      totalBytes: movingBytes(file, declared),
    };
    await session.transfers.run(description, async (channel, transfer) => {
      record.begin(transfer);
      transfer.outliveControl(() => survivalOf(incoming, channel, transfer));
      await file.begin(transfer);
      const end = await receiveInto(incoming, channel, transfer);
      digest.finish(file.sizeBytes);
      await requireComplete(incoming, transfer, end);
      await setTime(file, request.next);
      await file.publish();
      digest.published();
    });
  } catch (error) {
    digest.cancel();
    const keptBytes = await file.keep(error);
    const failure = await afterKeeping(error, file, keptBytes);
    record.failed(file.shownPath, failure);
    throw failure;
  }
  const sha256 = digest.get('SHA-256') ?? appendedDigest(session, file);
  const number = record.complete(file.shownPath, sha256);
  if (!session.parameters.wantsReceipts) return undefined;
  const inTime = typeof sha256 === 'object' ? await digestInTime(session, sha256) : sha256;
  return { sha256: inTime, sizeBytes: file.sizeBytes, number };
}

/** What cannot fit is refused before anything is deleted for it. @throws QuotaExceededError */
async function requireRoom(file: UploadFile, declared: Declared): Promise<void> {
  const bytes = movingBytes(file, declared) ?? 0;
  if (!(await file.canGetRoom(bytes))) throw noSpaceFor(bytes);
}

/** Octets of the data, if the client has declared the size of the file. */
function movingBytes(
  file: UploadFile,
  { declaredBytes, expectation }: Declared,
): number | undefined {
  const sizeBytes = expectation?.sizeBytes ?? declaredBytes;
  return sizeBytes > file.sizeBytes ? sizeBytes - file.sizeBytes : undefined;
}

/** An upload may have to wait for room before its transfer begins: for its entry or, a resume, for what it copies. ABOR ends that. */
function openFile(
  session: SessionContext,
  pathname: string,
  start: UploadStart,
): Promise<UploadFile> {
  return session.interruptible((onAbort) => session.files.write(pathname, { start, onAbort }));
}

/** A digest of the whole file leaves no choice of what is appended to. */
function startOf({ start }: Upload, { expectation }: Declared): UploadStart {
  return start.kind === 'append' && expectation !== undefined ? { kind: 'append to this' } : start;
}

/** What is appended to a file changes it now. A time that the file system cannot store is left out. */
async function setTime(file: UploadFile, { modifiedMs }: NextTransfer): Promise<void> {
  if (modifiedMs === undefined || file.appendedBytes !== undefined) return;
  try {
    await setFileTimes(file.descriptor, modifiedMs);
  } catch (error) {
    if (!(error instanceof ParameterNotSupportedError)) throw error;
  }
}

/** Only now is it known how much room there is. */
async function afterKeeping(error: unknown, file: UploadFile, keptBytes: number): Promise<unknown> {
  const usage = error instanceof QuotaExceededError ? await file.usage() : undefined;
  if (usage === undefined) return file.shownFailure(error);
  const { limitBytes, usedBytes } = usage;
  const leftBytes = Math.max(limitBytes - usedBytes, 0);
  const kept = keptBytes === 0 ? '' : ` ${keptBytes} bytes of ${file.shownPath} are kept.`;
  return new QuotaExceededError(
    `Quota exceeded: ${leftBytes} of ${limitBytes} bytes are left.${kept}`,
  );
}

async function receiveInto(
  { session, file, digest }: Incoming,
  channel: DataChannel,
  transfer: Transfer,
): Promise<DataEnd> {
  const { buffers } = session.services;
  const write = async (octets: Uint8Array) => {
    await file.write(octets);
    digest.reached(file.sizeBytes);
  };
  if (session.parameters.type === 'I') return receive(channel, { write }, { transfer, buffers });
  const lines = new FromNetworkLineEnds();
  const sink = { write: (octets: Buffer) => write(lines.push(octets)) };
  const end = await receive(channel, sink, { transfer, buffers });
  await write(lines.end());
  return end;
}
