import { setTimeout as delay } from 'node:timers/promises';
import {
  ParameterNotSupportedError,
  TransferAbortedError,
  UploadIncompleteError,
} from '../errors.ts';
import type { ChecksumAlgorithm } from '../files/checksum.ts';
import type { UploadStart } from '../files/upload-base.ts';
import type { UploadDigest } from '../files/upload-digest.ts';
import type { UploadFile } from '../files/upload-file.ts';
import type { Session } from '../session.ts';
import { FromNetworkLineEnds } from './ascii-translation.ts';
import type { DataChannel } from './data-channel.ts';
import { receive } from './receive.ts';
import type { Transfer } from './transfer.ts';
import { digestInTime, type TransferReceipt } from './transfer-receipt.ts';
import { TransferRecord } from './transfer-record.ts';
import {
  requireExpectedDigest,
  requireExpectedSize,
  type UploadExpectation,
} from './upload-expectation.ts';

interface Upload {
  readonly verb: string;
  readonly pathname: string;
  readonly start: UploadStart;
  /** Of reply 150. */
  readonly announcement: string;
}

/** What the client has said about the upload before it. */
interface Declared {
  /** At least so many bytes; 0 if nothing was declared. */
  readonly declaredBytes: number;
  readonly expectation: UploadExpectation | undefined;
}

/** An upload that runs. */
interface Incoming {
  readonly session: Session;
  readonly file: UploadFile;
  readonly digest: UploadDigest;
  readonly declared: Declared;
}

/**
 * Receives a file and puts it in place. When this resolves the file is complete under its name; when it
 * fails, what had that name is as it was, and what has arrived can be resumed.
 *
 * @returns the receipt, if the client has asked for one.
 */
export async function upload(session: Session, plan: Upload): Promise<TransferReceipt | undefined> {
  const { verb, pathname, start, announcement } = plan;
  const declared = takeDeclared(session);
  const file = await session.files.write(pathname, { start });
  const digest = beginDigest(session, file, declared);
  const incoming = { session, file, digest, declared };
  const record = new TransferRecord(session, {
    verb,
    direction: 'upload',
    offsetBytes: file.sizeBytes,
  });
  try {
    const description = { verb, path: file.path, announcement };
    await session.transfers.run(description, async (channel, transfer) => {
      record.begin(transfer);
      await file.begin(transfer);
      await receiveInto(incoming, channel, transfer);
      digest.finish(file.sizeBytes);
      await requireWhole(incoming, transfer);
      await file.publish();
      digest.published();
    });
  } catch (error) {
    digest.cancel();
    await file.keep();
    record.failed(file.path, error);
    throw error;
  }
  const sha256 = digest.get('SHA-256');
  const number = record.complete(file.path, sha256);
  if (!session.wantsReceipts) return undefined;
  const inTime = typeof sha256 === 'object' ? await digestInTime(session, sha256) : sha256;
  return { sha256: inTime, sizeBytes: file.sizeBytes, number };
}

function beginDigest(session: Session, file: UploadFile, declared: Declared): UploadDigest {
  const wanted = new Set<ChecksumAlgorithm>();
  if (declared.expectation !== undefined) wanted.add(declared.expectation.algorithm);
  if (session.wantsReceipts) wanted.add('SHA-256');
  const { descriptor, sizeBytes: offsetBytes } = file;
  return session.services.uploadDigests.begin({ descriptor, offsetBytes, wanted: [...wanted] });
}

async function receiveInto(
  { session, file, digest }: Incoming,
  channel: DataChannel,
  transfer: Transfer,
): Promise<void> {
  const { buffers } = session.services;
  const write = async (octets: Uint8Array) => {
    await file.write(octets);
    digest.reached(file.sizeBytes);
  };
  if (session.type === 'I') return receive(channel, { write }, { transfer, buffers });
  const lines = new FromNetworkLineEnds();
  const sink = { write: (octets: Buffer) => write(lines.push(octets)) };
  await receive(channel, sink, { transfer, buffers });
  await write(lines.end());
}

/**
 * In TYPE A the file on disk differs from what is sent: nobody knows which of the two sizes ALLO has
 * declared, and SITE EXPECT would have to be refused afterwards.
 *
 * @throws ParameterNotSupportedError
 */
function takeDeclared(session: Session): Declared {
  const { declaredBytes = 0, expectation } = session;
  session.declaredBytes = undefined;
  session.expectation = undefined;
  if (session.type === 'I') return { declaredBytes, expectation };
  if (expectation === undefined) return { declaredBytes: 0, expectation };
  throw new ParameterNotSupportedError(
    'SITE EXPECT is for uploads in TYPE I; it is forgotten now.',
  );
}

/**
 * In MODE S the end of an upload is told by closing the data connection, and the system closes the connections of
 * a client that crashes, too. So an upload counts as whole only if it is what was declared, if anything
 * was, and if the client still is there.
 *
 * @throws UploadIncompleteError
 * @throws UploadMismatchError
 * @throws TransferAbortedError
 */
async function requireWhole(incoming: Incoming, transfer: Transfer): Promise<void> {
  const { session, file, declared } = incoming;
  const { declaredBytes, expectation } = declared;
  if (expectation !== undefined) await requireExpected(incoming, expectation, transfer);
  if (file.sizeBytes < declaredBytes) {
    throw new UploadIncompleteError(
      `${declaredBytes} bytes were declared and ${file.sizeBytes} of ${file.path} have come; they can be resumed.`,
    );
  }
  const isEndTold = session.mode === 'B' || declaredBytes > 0 || expectation !== undefined;
  if (!isEndTold) await doubt(session, transfer);
  transfer.throwIfAborted();
  if (!session.isClientThere) {
    throw new TransferAbortedError('The control connection ended before the transfer did.');
  }
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

const SHORTEST_DOUBT_MS = 5;
const LONGEST_DOUBT_MS = 100;

/**
 * Waits for the end of the control connection, which comes after that of the data connection: Linux closes
 * what a process that was killed had open from the last to the first. A twentieth of the time that the
 * upload has taken is little for who waits and much for a system that cleans up.
 */
async function doubt(session: Session, { movedBytes, startedMs }: Transfer): Promise<void> {
  if (movedBytes <= ONE_STEP_BYTES) return new Promise((resolve) => setImmediate(resolve));
  const twentiethMs = (session.services.now() - startedMs) / 20;
  await delay(Math.min(Math.max(twentiethMs, SHORTEST_DOUBT_MS), LONGEST_DOUBT_MS));
}
