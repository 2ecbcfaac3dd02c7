import { readFully } from '../disk/disk.ts';
import { DiskFailureError } from '../errors/errors.ts';
import type { TransferBuffers } from './buffer-pool.ts';
import { type DataChannel, SINGLE_WRITE_BYTES } from './data-channel.ts';
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

/** Sends a range and its end. Resolves when the system has taken all octets. */
export async function sendRange(
  channel: DataChannel,
  range: FileRange,
  { transfer, buffers }: { transfer: Transfer; buffers: TransferBuffers },
): Promise<void> {
  const chunkBytes = channel.isEncrypted ? TLS_CHUNK_BYTES : Infinity;
  const pair = [buffers.takeLarge(), buffers.takeLarge()] as const;
  let writing: Promise<void> = Promise.resolve();
  try {
    let turn = 0;
    for (let positionBytes = range.startBytes; positionBytes < range.endBytes; turn ^= 1) {
      const buffer = pair[turn === 0 ? 0 : 1];
      const lengthBytes = Math.min(
        ...[chunkBytes, buffer.length, range.endBytes - positionBytes, portionBytes(transfer)],
      );
      // The next octets are read while the last ones drain.
      const reading = readExactly(range.descriptor, { buffer, lengthBytes, positionBytes });
      await Promise.all([reading, writing]);
      writing = send(channel, buffer.subarray(0, lengthBytes), transfer);
      positionBytes += lengthBytes;
    }
    await writing;
  } finally {
    // The buffer must not be filled again before the write that uses it has called back.
    await writing.catch(() => {});
    for (const buffer of pair) buffers.give(buffer);
  }
  await channel.end();
}

/** Sends all octets at once, and their end. */
export async function sendWhole(
  channel: DataChannel,
  octets: Uint8Array,
  transfer: Transfer,
): Promise<void> {
  // Ends in its own time: the final reply does not wait for it.
  if (octets.length <= SINGLE_WRITE_BYTES) transfer.detachConnection();
  if (portionBytes(transfer) < Infinity) await paced(octets.length, transfer);
  await channel.end(octets);
  transfer.moved(octets.length);
}

/** Sends chunk by chunk, as fast as they are taken, and their end. */
export async function sendChunks(
  channel: DataChannel,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  transfer: Transfer,
): Promise<void> {
  for await (const chunk of chunks) {
    transfer.throwIfAborted();
    await send(channel, chunk, transfer);
  }
  await channel.end();
}

async function send(channel: DataChannel, octets: Uint8Array, transfer: Transfer): Promise<void> {
  if (portionBytes(transfer) < Infinity) await paced(octets.length, transfer);
  await channel.send(octets);
  transfer.moved(octets.length);
}

function portionBytes({ pacing }: Transfer): number {
  return pacing === undefined ? Infinity : pacing.down.portionBytes;
}

/** Waits until the octets may be sent within the rate of downloads. */
async function paced(bytes: number, transfer: Transfer): Promise<void> {
  const waitMs = transfer.pacing?.down.waitMs(bytes) ?? 0;
  if (waitMs > 0) await transfer.waitForRate(waitMs);
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
