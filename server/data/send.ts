import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { DiskFailureError } from '../errors.ts';
import { readFully } from '../files/disk.ts';
import type { TransferBuffers } from './buffer-pool.ts';
import type { Transfer } from './transfer.ts';

/** Octets of an open file that are to be sent. */
export interface FileRange {
  readonly descriptor: number;
  readonly startBytes: number;
  /** Offset of the first octet that is not sent. */
  readonly endBytes: number;
}

/** Reads a range that fits a small buffer, at once. The buffer must be given back. */
export async function readSmall(range: FileRange, buffers: TransferBuffers): Promise<Buffer> {
  const lengthBytes = range.endBytes - range.startBytes;
  const buffer = buffers.takeSmall();
  try {
    await readExactly(range.descriptor, { buffer, lengthBytes, positionBytes: range.startBytes });
    return buffer;
  } catch (error) {
    buffers.give(buffer);
    throw error;
  }
}

const CHUNK_BYTES = 64 * 1024;

/** The octets of a range, chunk by chunk; each chunk is over when the next is asked for. */
export async function* fileChunks(range: FileRange): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, range.endBytes - range.startBytes));
  for (let positionBytes = range.startBytes; positionBytes < range.endBytes; ) {
    const lengthBytes = Math.min(buffer.length, range.endBytes - positionBytes);
    await readExactly(range.descriptor, { buffer, lengthBytes, positionBytes });
    yield buffer.subarray(0, lengthBytes);
    positionBytes += lengthBytes;
  }
}

/** Larger chunks make encryption slower: they leave the processor's cache. */
const TLS_CHUNK_BYTES = 512 * 1024;

/** Sends a range and ends the data connection. Resolves when the system has taken all octets. */
export async function sendRange(
  connection: Socket,
  range: FileRange,
  { transfer, buffers }: { transfer: Transfer; buffers: TransferBuffers },
): Promise<void> {
  const chunkBytes = connection instanceof TLSSocket ? TLS_CHUNK_BYTES : Infinity;
  const pair = [buffers.takeLarge(), buffers.takeLarge()] as const;
  let writing: Promise<void> = Promise.resolve();
  try {
    let turn = 0;
    for (let positionBytes = range.startBytes; positionBytes < range.endBytes; turn ^= 1) {
      const buffer = pair[turn === 0 ? 0 : 1];
      const lengthBytes = Math.min(chunkBytes, buffer.length, range.endBytes - positionBytes);
      // The next octets are read while the last ones drain.
      const reading = readExactly(range.descriptor, { buffer, lengthBytes, positionBytes });
      await Promise.all([reading, writing]);
      writing = writeToConnection(connection, buffer.subarray(0, lengthBytes), transfer);
      positionBytes += lengthBytes;
    }
    await writing;
  } finally {
    // A write that still uses a buffer must have called back before somebody else fills it.
    await writing.catch(() => {});
    for (const buffer of pair) buffers.give(buffer);
  }
  await endConnection(connection);
}

/** So much, and what ends it, fits what the system sends before the client has confirmed anything. */
export const BRIEF_BYTES = 8 * 1024;

/** Sends all octets at once and ends the data connection. Resolves when the system has taken them. */
export async function sendWhole(
  connection: Socket,
  octets: Uint8Array,
  transfer: Transfer,
): Promise<void> {
  await writeToConnection(connection, octets, transfer);
  if (connection instanceof TLSSocket && octets.length <= BRIEF_BYTES) {
    endMeanwhile(connection, transfer);
  } else {
    await endConnection(connection);
  }
}

/** Sends chunk by chunk, as fast as they are taken, and ends the data connection. */
export async function sendChunks(
  connection: Socket,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  transfer: Transfer,
): Promise<void> {
  for await (const chunk of chunks) {
    transfer.throwIfAborted();
    await writeToConnection(connection, chunk, transfer);
  }
  await endConnection(connection);
}

function writeToConnection(
  connection: Socket,
  octets: Uint8Array,
  transfer: Transfer,
): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.write(octets, (error) => {
      if (error) return reject(error);
      transfer.moved(octets.length);
      resolve();
    });
  });
}

/**
 * Tells the client that there are no more octets: by closing, while the system goes on sending what it has; under
 * TLS by a message of its own (RFC 8446 §6.1).
 */
async function endConnection(connection: Socket): Promise<void> {
  if (!(connection instanceof TLSSocket)) {
    connection.destroy();
    return;
  }
  await new Promise<void>((resolve, reject) => {
    connection.end((error?: Error | null) => (error ? reject(error) : resolve()));
  });
}

/** The system has room for the end of a brief transfer; should it ever not have, nobody waits for longer. */
const LAST_OCTETS_MS = 10_000;

/** Ends the TLS connection of a brief transfer in order, in its own time: the final reply does not wait for it. */
function endMeanwhile(connection: TLSSocket, transfer: Transfer): void {
  transfer.takeOver();
  connection.setTimeout(LAST_OCTETS_MS, () => connection.destroy());
  connection.destroySoon();
}

async function readExactly(
  descriptor: number,
  request: { buffer: Buffer; lengthBytes: number; positionBytes: number },
): Promise<void> {
  const bytes = await readFully(descriptor, request);
  if (bytes < request.lengthBytes) {
    throw new DiskFailureError('The file became shorter while it was being sent.');
  }
}
