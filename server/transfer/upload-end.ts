import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import {
  requireExpectedDigest,
  requireExpectedSize,
  type UploadExpectation,
} from '../checksums/upload-expectation.ts';
import type { SessionContext } from '../contract/session-context.ts';
import type { NextTransfer } from '../contract/transfer-parameters.ts';
import type { DataChannel } from '../data/data-channel.ts';
import type { DataEnd } from '../data/octet-reader.ts';
import { CONTROL_ENDED, type Transfer } from '../data/transfer.ts';
import {
  ParameterNotSupportedError,
  TransferAbortedError,
  UploadIncompleteError,
} from '../errors/errors.ts';
import type { UploadFile } from '../uploads/upload-file.ts';
import type { Digest } from './received-digest.ts';

/** What the client has declared of the upload. */
export interface Declared {
  /** Least number of bytes; 0 if nothing was declared. */
  readonly declaredBytes: number;
  readonly expectation: UploadExpectation | undefined;
}

/** An upload that runs. */
export interface Incoming {
  readonly session: SessionContext;
  readonly file: UploadFile;
  readonly digest: Digest;
  readonly declared: Declared;
}

/**
 * In TYPE A the file on disk differs from the data that is sent: the size in ALLO may be either of them, and SITE
 * EXPECT would fail after the upload.
 *
 * @throws ParameterNotSupportedError
 */
export function declaredBy(
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
export async function requireComplete(
  incoming: Incoming,
  transfer: Transfer,
  end: DataEnd,
): Promise<void> {
  const { session, file, declared } = incoming;
  const { expectation } = declared;
  if (expectation !== undefined) await requireExpected(incoming, expectation, transfer);
  if (isShort(incoming) && session.services.settings.allo === 'strict') {
    throw new UploadIncompleteError(
      `Incomplete upload of ${file.shownPath}: ${file.sizeBytes} of ${declared.declaredBytes} bytes. Resume with REST.`,
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

/** How long a transfer outlives its control connection: longer if its end may still become certain. */
export function survivalOf(
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

/** A client sends this amount in one system call, in which it cannot die. */
const ONE_STEP_BYTES = 64 * 1024;

const MIN_GRACE_MS = 5;
const MAX_GRACE_MS = 100;

/**
 * Waits for the end of the control connection, which follows that of the data connection: Linux closes the descriptors
 * of a killed process from last to first. A twentieth of the upload's duration is short for the client and long for a
 * system that cleans up; a busy one, which may be that of the client, takes longer.
 */
async function waitForControlClose(
  session: SessionContext,
  { movedBytes, startedMs }: Transfer,
): Promise<void> {
  if (movedBytes > ONE_STEP_BYTES) {
    const twentiethMs = (session.services.now() - startedMs) / 20;
    const load = (loadavg()[0] ?? 0) / availableParallelism();
    await delay(Math.min(Math.max(twentiethMs, MIN_GRACE_MS, MIN_GRACE_MS * load), MAX_GRACE_MS));
  }
  // Sockets that are ready are read, and what they brought is looked at: that takes longer when many are at work.
  do await nextTurn();
  while (session.hasUnseenCommands);
}
