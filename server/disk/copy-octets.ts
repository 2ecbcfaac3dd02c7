import { constants } from 'node:fs';
import { copyFile, readAt, writeAt } from './disk.ts';

const CHUNK_BYTES = 1024 * 1024;

interface CopyRange {
  /** Octets to copy, from the beginning of the source. */
  readonly lengthBytes: number;
  /** Offset in the target. */
  readonly toBytes?: number;
  /** Called before each chunk; ends the copy by an exception. */
  readonly throwIfAborted?: () => void;
}

/**
 * Copies the beginning of an open file into another one.
 *
 * @returns the octets copied: fewer than `lengthBytes` if the source has become shorter.
 */
export async function copyOctets(
  source: number,
  target: number,
  { lengthBytes, toBytes = 0, throwIfAborted }: CopyRange,
): Promise<number> {
  const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, lengthBytes));
  let doneBytes = 0;
  while (doneBytes < lengthBytes) {
    throwIfAborted?.();
    const wantedBytes = Math.min(buffer.length, lengthBytes - doneBytes);
    const read = { buffer, lengthBytes: wantedBytes, positionBytes: doneBytes };
    const readBytes = await readAt(source, read);
    if (readBytes === 0) break;
    await writeAt(target, buffer.subarray(0, readBytes), toBytes + doneBytes);
    doneBytes += readBytes;
  }
  return doneBytes;
}

/**
 * Makes an open file share the blocks of another one instead of copying them.
 *
 * @returns false where the file system cannot.
 */
export function shareBlocks(source: number, target: number): Promise<boolean> {
  const [from, to] = [`/proc/self/fd/${source}`, `/proc/self/fd/${target}`];
  return copyFile(from, to, constants.COPYFILE_FICLONE_FORCE).then(
    () => true,
    () => false,
  );
}
