import fs from 'node:fs';
import { promisify } from 'node:util';
import { AdaptiveDisk } from './adaptive-disk.ts';

const adaptiveDisk = new AdaptiveDisk();
const openElsewhere = promisify(fs.open);
const lstatElsewhere = promisify(fs.lstat);
const renameElsewhere = promisify(fs.rename);
const linkElsewhere = promisify(fs.link);
const closeElsewhere = promisify(fs.close);
const makeDirectoryElsewhere = promisify(fs.mkdir);
const removeDirectoryElsewhere = promisify(fs.rmdir);
const changeTimesElsewhere = promisify(fs.futimes);

/**
 * The calls of the file system that the data path uses, by descriptor number. `fs/promises` wraps each
 * descriptor in an object and each call in more work than a small file itself costs.
 */
export const unlink = promisify(fs.unlink);
export const truncate = promisify(fs.ftruncate);
export const realPath = promisify(fs.realpath.native);
export const changeModeByPath = promisify(fs.chmod);
export const copyFile = promisify(fs.copyFile);

/** Copying this many bytes from or to memory takes microseconds. */
const SHORT_CALL_BYTES = 64 * 1024;

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
  const onThreadPool = () =>
    new Promise<number>((resolve, reject) => {
      fs.read(descriptor, buffer, 0, lengthBytes, positionBytes, (error, bytes) => {
        if (error === null) resolve(bytes);
        else reject(error);
      });
    });
  if (lengthBytes > SHORT_CALL_BYTES) return onThreadPool();
  return adaptiveDisk.run(
    () => fs.readSync(descriptor, buffer, 0, lengthBytes, positionBytes),
    onThreadPool,
  );
}

/** Sets when a file was last read and changed. */
export async function changeTimes(
  descriptor: number,
  accessed: Date,
  changed: Date,
): Promise<void> {
  await adaptiveDisk.run(
    () => fs.futimesSync(descriptor, accessed, changed),
    () => changeTimesElsewhere(descriptor, accessed, changed),
  );
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

/** Writes all of `octets`; a short write is continued. */
export async function writeAt(
  descriptor: number,
  octets: Uint8Array,
  positionBytes: number,
): Promise<void> {
  let bytes = await writeSome(descriptor, octets, positionBytes);
  while (bytes < octets.length) {
    bytes += await writeSome(descriptor, octets.subarray(bytes), positionBytes + bytes);
  }
}

function writeSome(descriptor: number, octets: Uint8Array, positionBytes: number): Promise<number> {
  const onThreadPool = () =>
    new Promise<number>((resolve, reject) => {
      fs.write(descriptor, octets, 0, octets.length, positionBytes, (error, bytes) => {
        if (error === null) resolve(bytes);
        else reject(error);
      });
    });
  if (octets.length > SHORT_CALL_BYTES) return onThreadPool();
  return adaptiveDisk.run(
    () => fs.writeSync(descriptor, octets, 0, octets.length, positionBytes),
    onThreadPool,
  );
}

/** Closes a descriptor that was only read from, or whose data no longer matter: nothing can fail. */
export function closeQuietly(descriptor: number): void {
  fs.closeSync(descriptor);
}

/** Closes a descriptor that was written to: here some file systems report that they had no room. */
export function closeWritten(descriptor: number): Promise<void> {
  return adaptiveDisk.run(
    () => fs.closeSync(descriptor),
    () => closeElsewhere(descriptor),
  );
}

export function openFile(path: string, flags: number, mode?: number): Promise<number> {
  return adaptiveDisk.run(
    () => fs.openSync(path, flags, mode),
    () => openElsewhere(path, flags, mode),
  );
}

/** The facts of a name, links not followed; undefined if there is no such name. */
export function lstat(path: string): Promise<fs.Stats | undefined> {
  return adaptiveDisk.run(
    () => fs.lstatSync(path, { throwIfNoEntry: false }),
    () => lstatElsewhere(path).catch(ignoreMissing),
  );
}

/** The facts of a name that must be there. */
export async function lstatExisting(path: string): Promise<fs.Stats> {
  return (await lstat(path)) ?? fs.lstatSync(path);
}

export function ignoreMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

/**
 * Renames a file.
 *
 * @param replacedBytes what had the new name: to free a large file takes the disk a while.
 */
export function rename(from: string, to: string, replacedBytes: number): Promise<void> {
  if (replacedBytes > SHORT_CALL_BYTES) return renameElsewhere(from, to);
  return adaptiveDisk.run(
    () => fs.renameSync(from, to),
    () => renameElsewhere(from, to),
  );
}

/**
 * Removes a file.
 *
 * @param sizeBytes what it holds: to free a large file takes the disk a while.
 */
export function removeFile(path: string, sizeBytes: number): Promise<void> {
  if (sizeBytes > SHORT_CALL_BYTES) return unlink(path);
  return adaptiveDisk.run(
    () => fs.unlinkSync(path),
    () => unlink(path),
  );
}

/** Gives a file a second name. Fails with `EEXIST` if something has that name. */
export function link(fromPath: string, toPath: string): Promise<void> {
  return adaptiveDisk.run(
    () => fs.linkSync(fromPath, toPath),
    () => linkElsewhere(fromPath, toPath),
  );
}

export function makeDirectory(path: string, options?: fs.MakeDirectoryOptions): Promise<unknown> {
  return adaptiveDisk.run(
    () => fs.mkdirSync(path, options),
    () => makeDirectoryElsewhere(path, options),
  );
}

/** Removes an empty directory. */
export function removeDirectory(path: string): Promise<void> {
  return adaptiveDisk.run(
    () => fs.rmdirSync(path),
    () => removeDirectoryElsewhere(path),
  );
}
