import type { Socket } from 'node:net';
import { TransferAbortedError } from '../errors.ts';
import type { UploadFile } from '../files/upload-file.ts';
import type { UploadStart } from '../files/user-file-system.ts';
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

/**
 * The end of an upload is told by closing the data connection, and the system closes the connections of
 * a client that crashes, too. So an upload counts as complete only if the client still is there.
 */
async function requireClient(session: Session, transfer: Transfer): Promise<void> {
  // What the system knows of the control connection by now is told within this turn of the event loop.
  await new Promise((resolve) => setImmediate(resolve));
  transfer.signal.throwIfAborted();
  if (!session.isClientThere) {
    throw new TransferAbortedError('The control connection ended before the transfer did.');
  }
}
