import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Failure } from '../errors/failure.ts';
import type { RunningDigest } from '../files/digest.ts';
import { diskPath } from './disk-name.ts';
import { digestPrefix } from './file-digest.ts';
import { errnoOf, localFailure, onDisk } from './local-failure.ts';

const SUFFIX = '.part';

const MAX_NAME_BYTES = 255;

/** Number of foreign parts that are skipped. */
const MAX_NUMBERS = 9;

/** Only the user can read an incomplete file. The mode also identifies a part as ours. */
const OWN_MODE = 0o600;

const PERMISSION_BITS = 0o777;

/** Read and written at a time when a file is copied. */
const COPY_BYTES = 1024 * 1024;

const READ_WRITE = constants.O_RDWR | constants.O_NOFOLLOW;

/** What is known of the source: a part whose source is another by now is of no use. */
interface PartSource {
  readonly sizeBytes: number | undefined;
  readonly modifiedMs: number | undefined;
  /** `known`: this job has begun the part; `stamped`: only if its time says so. */
  readonly trust: 'known' | 'stamped' | 'none';
}

/** How a file is to look when it is put in place. */
export interface PublishedFacts {
  readonly modifiedMs: number | undefined;
  /** As the file had that is replaced. */
  readonly mode: number | undefined;
}

/** What a download is gathered in until it is whole. */
export type Part = Pick<
  PartFile,
  'target' | 'octetsAt' | 'digestSoFar' | 'empty' | 'publish' | 'keep' | 'remove' | 'close'
> & {
  readonly sizeBytes: number;
  append(octets: Buffer): Promise<void> | undefined;
};

/**
 * A download on its way: `name.part` beside `name`, readable for its owner alone, renamed when it is whole.
 * No link that lies there is followed, and no file that is not ours is touched.
 */
export class PartFile {
  readonly target: string;
  readonly #path: string;
  readonly #file: FileHandle;
  /** Octets that are in it. */
  sizeBytes: number;

  private constructor(parts: {
    target: string;
    path: string;
    file: FileHandle;
    sizeBytes: number;
  }) {
    this.target = parts.target;
    this.#path = parts.path;
    this.#file = parts.file;
    this.sizeBytes = parts.sizeBytes;
  }

  /** Continues an earlier part of the same source, or starts a new one. */
  static async open(target: string, source: PartSource): Promise<PartFile> {
    for (let number = 0; number <= MAX_NUMBERS; number++) {
      const path = partPath(target, number);
      const opened = await openPart(path, source);
      if (opened !== undefined) return new PartFile({ target, path, ...opened });
    }
    throw new Failure('exists', `${partPath(target, 0)}: exists and is not ours.`);
  }

  /** Removes what an earlier attempt has left. */
  static async discard(target: string): Promise<void> {
    const path = partPath(target, 0);
    const stats = await lstat(diskPath(path)).catch(() => undefined);
    if (stats !== undefined && isOwnPart(stats)) await unlink(diskPath(path)).catch(() => {});
  }

  /** Copies the content of a file into the part. The file is not changed. */
  async copyFrom(path: string): Promise<void> {
    await this.empty();
    await onDisk(path, async () => {
      const source = await open(diskPath(path), constants.O_RDONLY | constants.O_NOFOLLOW);
      try {
        const buffer = Buffer.allocUnsafe(COPY_BYTES);
        for (;;) {
          const { bytesRead } = await source.read(buffer, 0, buffer.length, this.sizeBytes);
          if (bytesRead === 0) return;
          await this.append(buffer.subarray(0, bytesRead));
        }
      } finally {
        await source.close();
      }
    });
  }

  /** Some octets of the part. */
  async octetsAt(offsetBytes: number, lengthBytes: number): Promise<Buffer> {
    return onDisk(this.#path, async () => {
      const buffer = Buffer.alloc(lengthBytes);
      const { bytesRead } = await this.#file.read(buffer, 0, lengthBytes, offsetBytes);
      return buffer.subarray(0, bytesRead);
    });
  }

  /** Adds the content of the part to a digest. */
  async digestSoFar(digest: RunningDigest, signal: AbortSignal): Promise<void> {
    const range = { lengthBytes: this.sizeBytes, signal };
    await onDisk(this.#path, () => digestPrefix(this.#file, digest, range));
  }

  async append(octets: Buffer): Promise<void> {
    try {
      for (let written = 0; written < octets.length; ) {
        const { bytesWritten } = await this.#file.write(
          octets,
          written,
          octets.length - written,
          this.sizeBytes,
        );
        written += bytesWritten;
        this.sizeBytes += bytesWritten;
      }
    } catch (error) {
      throw localFailure(error, this.target);
    }
  }

  /** Starts again from the beginning. */
  async empty(): Promise<void> {
    await onDisk(this.#path, () => this.#file.truncate(0));
    this.sizeBytes = 0;
  }

  /** Puts it in place of the target, with the source's time. */
  async publish({ modifiedMs, mode }: PublishedFacts): Promise<void> {
    await onDisk(this.target, async () => {
      await this.#file.chmod(publishedMode(mode));
      await this.#stamp(modifiedMs);
      await this.#checkStillOurs();
      await rename(diskPath(this.#path), diskPath(this.target));
    });
  }

  /** Closes it for a later attempt, which knows by the time that it belongs to the same source. */
  async keep(source: { readonly modifiedMs: number | undefined }): Promise<void> {
    await this.#stamp(source.modifiedMs).catch(() => {});
  }

  async remove(): Promise<void> {
    await unlink(diskPath(this.#path)).catch(() => {});
  }

  async close(): Promise<void> {
    await this.#file.close().catch(() => {});
  }

  async #stamp(modifiedMs: number | undefined): Promise<void> {
    if (modifiedMs === undefined) return;
    await this.#file.utimes(modifiedMs / 1000, modifiedMs / 1000);
  }

  /** Another file may have been put under its name; that one must not be published. */
  async #checkStillOurs(): Promise<void> {
    const [named, ours] = await Promise.all([lstat(diskPath(this.#path)), this.#file.stat()]);
    if (named.ino === ours.ino && named.dev === ours.dev) return;
    throw new Failure('local', `${this.#path}: was replaced by another program.`);
  }
}

type Opened = { file: FileHandle; sizeBytes: number };

/** Undefined if something that is not ours has the name. */
async function openPart(path: string, source: PartSource): Promise<Opened | undefined> {
  const created = await create(path);
  if (created !== undefined) return { file: created, sizeBytes: 0 };
  const file = await openOwn(path);
  if (file === undefined) return undefined;
  try {
    const stats = await file.stat();
    if (continues(stats, source)) return { file, sizeBytes: stats.size };
    await file.truncate(0);
    return { file, sizeBytes: 0 };
  } catch (error) {
    await file.close();
    throw localFailure(error, path);
  }
}

/** Undefined if there is something. */
async function create(path: string): Promise<FileHandle | undefined> {
  const flags = READ_WRITE | constants.O_CREAT | constants.O_EXCL;
  const attempt = () => open(diskPath(path), flags, OWN_MODE);
  try {
    return await attempt();
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return undefined;
    if (errnoOf(error) !== 'ENOENT') throw localFailure(error, path);
  }
  return onDisk(path, async () => {
    await mkdir(diskPath(dirname(path)), { recursive: true });
    return attempt();
  });
}

async function openOwn(path: string): Promise<FileHandle | undefined> {
  const named = await onDisk(path, () => lstat(diskPath(path)));
  if (!isOwnPart(named)) return undefined;
  const file = await onDisk(path, () => open(diskPath(path), READ_WRITE));
  const stats = await file.stat();
  if (isOwnPart(stats)) return file;
  await file.close();
  return undefined;
}

/** Not a link of either kind, and made by us. */
function isOwnPart(stats: Stats): boolean {
  const isPlain = stats.isFile() && stats.nlink === 1;
  return isPlain && (stats.mode & PERMISSION_BITS) === OWN_MODE && stats.uid === process.getuid?.();
}

function continues(stats: Stats, { sizeBytes, modifiedMs, trust }: PartSource): boolean {
  if (trust === 'none' || (sizeBytes !== undefined && stats.size > sizeBytes)) return false;
  if (trust === 'known') return true;
  if (modifiedMs === undefined) return false;
  const partSeconds = Math.floor(Math.round(stats.mtimeMs) / 1000);
  const sourceSeconds = Math.floor(modifiedMs / 1000);
  return partSeconds === sourceSeconds;
}

let newFileMode: number | undefined;

/** That of the file before, or that of a new file. */
export function publishedMode(mode: number | undefined): number {
  newFileMode ??= 0o666 & ~process.umask();
  return (mode ?? newFileMode) & PERMISSION_BITS;
}

/** Where a download lies until it is whole; by numbers, if others have put something there. */
export function partPath(target: string, number: number): string {
  const suffix = number === 0 ? SUFFIX : `.${number}${SUFFIX}`;
  const slash = target.lastIndexOf('/') + 1;
  const name = target.slice(slash);
  if (Buffer.byteLength(name) + Buffer.byteLength(suffix) <= MAX_NAME_BYTES) {
    return `${target}${suffix}`;
  }
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 32);
  return `${target.slice(0, slash)}${digest}${suffix}`;
}
