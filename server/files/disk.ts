import fs from 'node:fs';
import { promisify } from 'node:util';

/**
 * The calls of the file system that the data path uses, by descriptor number. `fs/promises` wraps each
 * descriptor in an object and each call in more work than a small file itself costs.
 */
export const openFile = promisify(fs.open);
export const lstat = promisify(fs.lstat);
export const rename = promisify(fs.rename);
export const unlink = promisify(fs.unlink);
export const link = promisify(fs.link);
export const makeDirectory = promisify(fs.mkdir);
export const removeDirectory = promisify(fs.rmdir);
export const truncate = promisify(fs.ftruncate);
export const realPath = promisify(fs.realpath.native);
export const changeMode = promisify(fs.fchmod);
export const changeTimes = promisify(fs.futimes);
export const copyFile = promisify(fs.copyFile);
export const readDirectory = promisify(fs.readdir);

interface ReadRequest {
  readonly buffer: Buffer;
  readonly lengthBytes: number;
  readonly positionBytes: number;
}

/** Reads up to `lengthBytes` to the start of `buffer`; 0 is the end of the file. */
export function readAt(
  descriptor: number,
  { buffer, lengthBytes, positionBytes }: ReadRequest,
): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.read(descriptor, buffer, 0, lengthBytes, positionBytes, (error, bytes) => {
      if (error === null) resolve(bytes);
      else reject(error);
    });
  });
}

/** Fills `buffer` up to `lengthBytes` unless the file ends before. */
export async function readFully(descriptor: number, request: ReadRequest): Promise<number> {
  let doneBytes = await readAt(descriptor, request);
  while (doneBytes > 0 && doneBytes < request.lengthBytes) {
    const bytes = await readAt(descriptor, {
      buffer: request.buffer.subarray(doneBytes),
      lengthBytes: request.lengthBytes - doneBytes,
      positionBytes: request.positionBytes + doneBytes,
    });
    if (bytes === 0) break;
    doneBytes += bytes;
  }
  return doneBytes;
}

/** Writes all of `octets`; a short write is carried on. */
export function writeAt(
  descriptor: number,
  octets: Uint8Array,
  positionBytes: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    fs.write(descriptor, octets, 0, octets.length, positionBytes, (error, bytes) => {
      if (error !== null) reject(error);
      else if (bytes === octets.length) resolve();
      else resolve(writeAt(descriptor, octets.subarray(bytes), positionBytes + bytes));
    });
  });
}

/** Closes a descriptor that was only read from, or whose data no longer matter: nothing can fail. */
export function closeQuietly(descriptor: number): void {
  fs.close(descriptor, () => {});
}

/** Closes a descriptor that was written to: here some file systems report that they had no room. */
export const closeWritten = promisify(fs.close);
