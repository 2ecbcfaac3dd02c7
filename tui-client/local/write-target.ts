import { constants, lstatSync, type Stats, statSync } from 'node:fs';
import { type FileHandle, open, readlink, realpath } from 'node:fs/promises';
import { dirname, posix } from 'node:path';
import { Failure } from '../errors/failure.ts';
import { diskPath, nameFromDisk } from './disk-name.ts';
import { errnoOf, localFailure, onDisk } from './local-failure.ts';
import { openPipe } from './open-pipe.ts';

/** As many links as the system follows. */
const MAX_LINKS = 40;

/** Where a download is written. */
export interface WriteTarget {
  /** `stream` for a device or a pipe: it is written to as it is, and never replaced. */
  readonly kind: 'file' | 'stream';
  /** Without links at its end. */
  readonly path: string;
  /** Whether nothing has this path. */
  readonly isFree: boolean;
}

/** Follows a link to what is to be written. @throws Failure for a socket or a block device. */
export async function findWriteTarget(path: string): Promise<WriteTarget> {
  const named = look(path, lstatSync);
  const isFree = named === undefined;
  if (isFree || named.isFile()) return { kind: 'file', path, isFree };
  const stats = look(path, statSync);
  if (stats === undefined) return { kind: 'file', path: await danglingTarget(path), isFree: true };
  if (stats.isCharacterDevice() || stats.isFIFO()) return { kind: 'stream', path, isFree };
  if (stats.isSocket() || stats.isBlockDevice()) {
    const what = stats.isSocket() ? 'a socket' : 'a block device';
    throw new Failure('local', `${path}: is ${what}, and not written to.`);
  }
  return { kind: 'file', path: named.isSymbolicLink() ? await realPath(path) : path, isFree };
}

/** A device or a pipe that is written to. Waits for the reader of a pipe. */
export class WriteStreamTarget {
  readonly #path: string;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  static async open(path: string, signal: AbortSignal): Promise<WriteStreamTarget> {
    const isPipe = look(path, statSync)?.isFIFO() === true;
    const file = isPipe
      ? await openPipe(path, 'write', signal)
      : await onDisk(path, () => open(diskPath(path), constants.O_WRONLY));
    return new WriteStreamTarget(path, file);
  }

  async append(octets: Buffer): Promise<void> {
    await onDisk(this.#path, async () => {
      for (let written = 0; written < octets.length; ) {
        written += (await this.#file.write(octets, written, octets.length - written)).bytesWritten;
      }
    });
  }

  async close(): Promise<void> {
    await this.#file.close().catch(() => {});
  }
}

/** Without Node's threads, which cost more than one look at the disk. */
function look(path: string, how: typeof lstatSync): Stats | undefined {
  try {
    return how(diskPath(path), { throwIfNoEntry: false });
  } catch (error) {
    if (errnoOf(error) === 'ENOTDIR') return undefined;
    throw localFailure(error, path);
  }
}

async function realPath(path: string): Promise<string> {
  return onDisk(path, async () =>
    nameFromDisk(await realpath(diskPath(path), { encoding: 'buffer' })),
  );
}

/** Where the file will be that a link without a target leads to. */
async function danglingTarget(path: string): Promise<string> {
  let at = path;
  for (let links = 0; links < MAX_LINKS; links++) {
    const stats = look(at, lstatSync);
    if (stats?.isSymbolicLink() !== true) return at;
    const here = at;
    const leadsTo = await onDisk(here, () => readlink(diskPath(here), { encoding: 'buffer' }));
    at = posix.resolve(await realPath(dirname(here)), nameFromDisk(leadsTo));
  }
  throw new Failure('local', `${path}: too many links.`);
}
