import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import type { ChecksumAlgorithm } from '../checksums/checksum-names.ts';
import type { UploadDigest } from '../checksums/upload-digest.ts';
import {
  requireExpectedDigest,
  requireExpectedSize,
  type UploadExpectation,
} from '../checksums/upload-expectation.ts';
import type { SessionContext } from '../contract/session-context.ts';
import type { NextTransfer } from '../contract/transfer-parameters.ts';
import { FromNetworkLineEnds } from '../data/ascii-translation.ts';
import type { DataChannel } from '../data/data-channel.ts';
import type { DataEnd } from '../data/octet-reader.ts';
import { receive } from '../data/receive.ts';
import { CONTROL_ENDED, type Transfer } from '../data/transfer.ts';
import {
  ParameterNotSupportedError,
  QuotaExceededError,
  TransferAbortedError,
  UploadIncompleteError,
} from '../errors/errors.ts';
import type { UploadStart } from '../uploads/upload-base.ts';
import type { UploadFile } from '../uploads/upload-file.ts';
import { fileChecksum } from './file-checksum.ts';
import { digestInTime, type TransferReceipt } from './transfer-receipt.ts';
import { TransferRecord } from './transfer-record.ts';

interface Upload {
  readonly verb: string;
  readonly pathname: string;
  /** Parameters that were set for this transfer. */
  readonly next: NextTransfer;
  readonly start: UploadStart;
  /** Text of reply 150. */
  readonly openingText: string;
}

/** What the client has announced of the upload. */
interface Declared {
  /** Least number of bytes; 0 if nothing was declared. */
  readonly declaredBytes: number;
  readonly expectation: UploadExpectation | undefined;
}

/** An upload that runs. */
interface Incoming {
  readonly session: SessionContext;
  readonly file: UploadFile;
  readonly digest: Digest;
  readonly declared: Declared;
}

type Digest = Pick<UploadDigest, 'reached' | 'finish' | 'get' | 'published' | 'cancel'>;

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
  const file = await openFile(session, pathname, startOf(request, declared));
  const digest = beginDigest(session, file, declared);
  const incoming = { session, file, digest, declared };
  const record = new TransferRecord(session, {
    verb,
    direction: 'upload',
    offsetBytes: file.sizeBytes,
  });
  try {
    const description = { verb, path: file.path, openingText };
    await session.transfers.run(description, async (channel, transfer) => {
      record.begin(transfer);
      transfer.outliveControl(() => survivalOf(incoming, channel, transfer));
      await file.begin(transfer);
      const end = await receiveInto(incoming, channel, transfer);
      digest.finish(file.sizeBytes);
      await requireWhole(incoming, transfer, end);
      await file.publish();
      digest.published();
    });
  } catch (error) {
    digest.cancel();
    const keptBytes = await file.keep(error);
    const failure = await afterKeeping(error, incoming, keptBytes);
    record.failed(file.path, failure);
    throw failure;
  }
  const sha256 = digest.get('SHA-256') ?? appendedDigest(session, file);
  const number = record.complete(file.path, sha256);
  if (!session.parameters.wantsReceipts) return undefined;
  const inTime = typeof sha256 === 'object' ? await digestInTime(session, sha256) : sha256;
  return { sha256: inTime, sizeBytes: file.sizeBytes, number };
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

/** Only now is it known how much room there is. */
async function afterKeeping(
  error: unknown,
  { session, file }: Incoming,
  keptBytes: number,
): Promise<unknown> {
  if (!(error instanceof QuotaExceededError)) return error;
  const { ledger, accountId } = session.files.requireWritable();
  const { limitBytes, usedBytes } = await ledger.usage(accountId);
  const leftBytes = Math.max(limitBytes - usedBytes, 0);
  const kept = keptBytes === 0 ? '' : ` ${keptBytes} bytes of ${file.path} are kept.`;
  return new QuotaExceededError(
    `Quota exceeded: ${leftBytes} of ${limitBytes} bytes are left.${kept}`,
  );
}

/** For an append: the digest of the received octets would not be that of the file. */
const NO_DIGEST: Digest = {
  reached() {},
  finish() {},
  get: () => undefined,
  published() {},
  cancel() {},
};

function beginDigest(session: SessionContext, file: UploadFile, declared: Declared): Digest {
  if (file.appendedBytes !== undefined) return NO_DIGEST;
  const wanted = new Set<ChecksumAlgorithm>();
  if (declared.expectation !== undefined) wanted.add(declared.expectation.algorithm);
  if (session.parameters.wantsReceipts) wanted.add('SHA-256');
  const { descriptor, sizeBytes: offsetBytes } = file;
  return session.services.uploadDigests.begin({ descriptor, offsetBytes, wanted: [...wanted] });
}

/** For a receipt: digest of the published file up to the last octet of this upload. */
function appendedDigest(
  session: SessionContext,
  file: UploadFile,
): Promise<string | undefined> | undefined {
  if (!session.parameters.wantsReceipts || file.appendedBytes === undefined) return undefined;
  const { path, sizeBytes: endBytes } = file;
  const request = { pathname: path, algorithm: 'SHA-256', endBytes } as const;
  return fileChecksum(session, request).then(
    ({ digest }) => digest,
    () => undefined,
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

/**
 * In TYPE A the file on disk differs from the data that is sent: the size in ALLO may be either of them, and SITE
 * EXPECT would fail after the upload.
 *
 * @throws ParameterNotSupportedError
 */
function declaredBy(
  { parameters }: SessionContext,
  { declaredBytes = 0, expectation }: NextTransfer,
): Declared {
  if (parameters.type === 'I') return { declaredBytes, expectation };
  if (expectation === undefined) return { declaredBytes: 0, expectation };
  throw new ParameterNotSupportedError(
    'SITE EXPECT is for uploads in TYPE I; it is forgotten now.',
  );
}

/**
 * In MODE S the client marks the end of an upload by closing the data connection, and the system closes the connections
 * of a client that crashes, too. So an upload is complete only if it matches what was declared, and if its end is
 * certain or the client is still connected.
 *
 * @throws UploadIncompleteError
 * @throws UploadMismatchError
 * @throws TransferAbortedError
 */
async function requireWhole(incoming: Incoming, transfer: Transfer, end: DataEnd): Promise<void> {
  const { session, file, declared } = incoming;
  const { expectation } = declared;
  if (expectation !== undefined) await requireExpected(incoming, expectation, transfer);
  if (isShort(incoming) && session.services.settings.allo === 'strict') {
    throw new UploadIncompleteError(
      `Incomplete upload of ${file.path}: ${file.sizeBytes} of ${declared.declaredBytes} bytes. Resume with REST.`,
    );
  }
  if (!isCertain(incoming, transfer, end)) {
    if (end === 'no close-notify') {
      throw new TransferAbortedError(
        'The data connection ended without close_notify of TLS, which says that all has come.',
      );
    }
    await waitForControlClose(session, transfer);
    if (!transfer.hasQuit && !session.isClientConnected)
      throw new TransferAbortedError(CONTROL_ENDED);
  }
  transfer.throwIfAborted();
}

/** Whether all data has arrived, no matter what the client does next. */
function isCertain(incoming: Incoming, transfer: Transfer, end: DataEnd): boolean {
  const { session, declared } = incoming;
  if (session.cutUploads === 'publish') return true;
  if (end === 'block' || end === 'close-notify' || declared.expectation !== undefined) return true;
  if (declared.declaredBytes > 0 && !isShort(incoming)) return true;
  return transfer.hasQuit && end !== 'no close-notify';
}

/** Whether the upload is shorter than ALLO has declared: the complete file, or the appended part. */
function isShort({ file, declared: { declaredBytes } }: Incoming): boolean {
  const { appendedBytes, sizeBytes } = file;
  return (appendedBytes ?? sizeBytes) < declaredBytes && sizeBytes !== declaredBytes;
}

/** While its end may still become certain, it is worth waiting for. */
function survivalOf(
  { session, declared: { declaredBytes, expectation } }: Incoming,
  channel: DataChannel,
  transfer: Transfer,
): 'while octets come' | 'shortly' {
  const tellsItsEnd = session.parameters.mode === 'B' || channel.isEncrypted;
  const isDeclared = declaredBytes > 0 || expectation !== undefined;
  const isPublished = session.cutUploads === 'publish';
  return tellsItsEnd || isDeclared || isPublished || transfer.hasQuit
    ? 'while octets come'
    : 'shortly';
}

async function requireExpected(
  { file, digest }: Incoming,
  expectation: UploadExpectation,
  transfer: Transfer,
): Promise<void> {
  requireExpectedSize(file, expectation);
  const actual = await transfer.unlessAborted(digest.get(expectation.algorithm));
  if (actual === undefined) throw new Error('the digest that was wanted is missing');
  requireExpectedDigest(file, expectation, actual);
}

/** A client sends as much in one step, in which it cannot die. */
const ONE_STEP_BYTES = 64 * 1024;

const MIN_GRACE_MS = 5;
const MAX_GRACE_MS = 100;

/**
 * Waits for the end of the control connection, which follows that of the data connection: Linux closes the descriptors
 * of a killed process from last to first. A twentieth of the upload's duration is short for the client and long for a
 * system that cleans up.
 */
async function waitForControlClose(
  session: SessionContext,
  { movedBytes, startedMs }: Transfer,
): Promise<void> {
  if (movedBytes > ONE_STEP_BYTES) {
    const twentiethMs = (session.services.now() - startedMs) / 20;
    await delay(Math.min(Math.max(twentiethMs, MIN_GRACE_MS), MAX_GRACE_MS));
  }
  // Sockets that are ready are read, and what they brought is looked at: that takes longer when many are at work.
  do await nextTurn();
  while (session.hasUnseenCommands);
}
