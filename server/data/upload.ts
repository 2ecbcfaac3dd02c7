import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { TransferAbortedError } from '../errors.ts';
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
  const file = await session.files.write(pathname, { start });
  try {
    await session.transfer(
      { verb, path: file.path, announcement },
      async (connection, transfer) => {
        await file.begin(transfer.signal);
        await receiveInto(file, { session, connection, transfer });
        await requireClient(session, transfer);
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

/** A client sends as much in one step, in which it cannot die. */
const ONE_STEP_BYTES = 64 * 1024;

const SHORTEST_DOUBT_MS = 5;
const LONGEST_DOUBT_MS = 100;

/**
 * The end of an upload is told by closing the data connection, and the system closes the connections of
 * a client that crashes, too. So an upload counts as complete only if the client still is there.
 */
async function requireClient(session: Session, transfer: Transfer): Promise<void> {
  await doubt(session, transfer);
  transfer.signal.throwIfAborted();
  if (!session.isClientThere) {
    throw new TransferAbortedError('The control connection ended before the transfer did.');
  }
}

/**
 * Waits for the end of the control connection, which comes after that of the data connection: Linux closes
 * what a process that was killed had open from the last to the first. A tenth of the time that the upload
 * has taken is little for who waits and much for a system that cleans up.
 */
async function doubt(session: Session, { movedBytes, startedMs }: Transfer): Promise<void> {
  if (movedBytes <= ONE_STEP_BYTES) return new Promise((resolve) => setImmediate(resolve));
  const tenthMs = (session.services.now() - startedMs) / 10;
  await delay(Math.min(Math.max(tenthMs, SHORTEST_DOUBT_MS), LONGEST_DOUBT_MS));
}
