import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { TransferAbortedError, UploadIncompleteError } from '../errors.ts';
import type { UploadStart } from '../files/upload-base.ts';
import type { UploadFile } from '../files/upload-file.ts';
import type { Session } from '../session.ts';
import { FromNetworkLineEnds } from './ascii-translation.ts';
import { receive } from './receive.ts';
import type { Transfer } from './transfer.ts';

interface Upload {
  readonly verb: string;
  readonly pathname: string;
  readonly start: UploadStart;
  /** Of reply 150. */
  readonly announcement: string;
}

/**
 * Receives a file and puts it in place. When this resolves the file is complete under its name; when it
 * fails, what had that name is as it was, and what has arrived can be resumed.
 */
export async function upload(session: Session, plan: Upload): Promise<void> {
  const { verb, pathname, start, announcement } = plan;
  const declaredBytes = takeDeclaredBytes(session);
  const file = await session.files.write(pathname, { start });
  try {
    await session.transfer(
      { verb, path: file.path, announcement },
      async (connection, transfer) => {
        await file.begin(transfer);
        await receiveInto(file, { session, connection, transfer });
        await requireWhole(file, { session, transfer, declaredBytes });
        await file.publish();
      },
    );
  } catch (error) {
    await file.keep();
    throw error;
  }
}

async function receiveInto(
  file: UploadFile,
  parts: { session: Session; connection: Socket; transfer: Transfer },
): Promise<void> {
  const { session, connection, transfer } = parts;
  const { buffers } = session.services;
  if (session.type === 'I') return receive(connection, file, { transfer, buffers });
  const lines = new FromNetworkLineEnds();
  const sink = { write: (octets: Buffer) => file.write(lines.push(octets)) };
  await receive(connection, sink, { transfer, buffers });
  await file.write(lines.end());
}

/** In TYPE A the size on disk differs from what is sent, and nobody knows which one was declared. */
function takeDeclaredBytes(session: Session): number {
  const { declaredBytes = 0 } = session;
  session.declaredBytes = undefined;
  return session.type === 'I' ? declaredBytes : 0;
}

/**
 * The end of an upload is told by closing the data connection, and the system closes the connections of
 * a client that crashes, too. So an upload counts as whole only if it has the size that was declared, if
 * one was, and if the client still is there.
 *
 * @throws UploadIncompleteError
 * @throws TransferAbortedError
 */
async function requireWhole(
  { sizeBytes, path }: UploadFile,
  upload: { session: Session; transfer: Transfer; declaredBytes: number },
): Promise<void> {
  const { session, transfer, declaredBytes } = upload;
  if (sizeBytes < declaredBytes) {
    throw new UploadIncompleteError(
      `${declaredBytes} bytes were declared and ${sizeBytes} of ${path} have come; they can be resumed.`,
    );
  }
  if (declaredBytes === 0) await doubt(session, transfer);
  transfer.throwIfAborted();
  if (!session.isClientThere) {
    throw new TransferAbortedError('The control connection ended before the transfer did.');
  }
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
