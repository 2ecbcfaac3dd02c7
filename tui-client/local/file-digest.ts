import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Algorithm, RunningDigest } from '../files/digest.ts';
import { runningDigest } from '../remote/data/digests.ts';
import { diskPath } from './disk-name.ts';

/** Small enough that a chunk is digested in well under a millisecond or two, with the screen alive between. */
const CHUNK_BYTES = 256 * 1024;

/** Of a whole file, in lower-case hex. */
export async function digestFile(
  path: string,
  algorithm: Algorithm,
  signal?: AbortSignal,
): Promise<string> {
  // A pipe without a writer would hold up the open for ever.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(diskPath(path), flags);
  try {
    const digest = runningDigest(algorithm);
    await digestPrefix(file, digest, { lengthBytes: Number.POSITIVE_INFINITY, signal });
    return digest.hex();
  } finally {
    await file.close();
  }
}

interface Reader {
  read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }>;
}

/** Adds the first octets of an open file to a digest. @returns their number. */
export async function digestPrefix(
  file: Reader,
  digest: RunningDigest,
  { lengthBytes, signal }: { lengthBytes: number; signal?: AbortSignal | undefined },
): Promise<number> {
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, lengthBytes));
  let position = 0;
  while (position < lengthBytes) {
    signal?.throwIfAborted();
    const length = Math.min(buffer.length, lengthBytes - position);
    const { bytesRead } = await file.read(buffer, 0, length, position);
    if (bytesRead === 0) break;
    digest.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
  return position;
}
