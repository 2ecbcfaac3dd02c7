import { constants, lstatSync, type Stats, statfsSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { diskPath } from './disk-name.ts';
import { atOnce, onDisk } from './local-failure.ts';
import { openPipe } from './open-pipe.ts';

const CHUNK_BYTES = 64 * 1024;

/** The size that sysfs shows for its files, whatever they hold. */
const SYSFS_SIZE_BYTES = 4096;

const SYSFS_MAGIC = 0x62656572;

/** Whether a file of this size may have another length: pipes have none, and files of /proc seem empty. */
export function mayBeStream(sizeBytes: number | undefined): boolean {
  return sizeBytes === undefined || sizeBytes === 0 || sizeBytes === SYSFS_SIZE_BYTES;
}

/** A pipe, or a file of unknown size: it is read to its end, once. */
export class StreamSource {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #first: Buffer;

  private constructor(path: string, file: FileHandle, first: Buffer) {
    this.#path = path;
    this.#file = file;
    this.#first = first;
  }

  /** Waits for the writer of a pipe. Undefined for what can be sent as a file. */
  static async open(
    path: string,
    { links, signal }: { readonly links: 'follow' | 'refuse'; readonly signal: AbortSignal },
  ): Promise<StreamSource | undefined> {
    const look = links === 'follow' ? statSync : lstatSync;
    // Without Node's threads, which cost more.
    const stats = atOnce(path, () => look(diskPath(path)));
    if (!isWithoutSize(path, stats)) return undefined;
    const file = stats.isFIFO()
      ? await openPipe(path, 'read', signal)
      : await onDisk(path, () => open(diskPath(path), constants.O_RDONLY));
    try {
      const first = await readFrom(path, file);
      if (first.length > 0 || stats.isFIFO()) return new StreamSource(path, file, first);
    } catch (error) {
      await file.close();
      throw error;
    }
    await file.close();
    return undefined;
  }

  async *read(onRead: (octets: Buffer) => void): AsyncGenerator<Buffer> {
    for (let octets = this.#first; octets.length > 0; ) {
      onRead(octets);
      yield octets;
      octets = await readFrom(this.#path, this.#file);
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

function isWithoutSize(path: string, stats: Stats): boolean {
  if (stats.isFIFO()) return true;
  if (!stats.isFile()) return false;
  if (stats.size !== SYSFS_SIZE_BYTES) return stats.size === 0;
  return atOnce(path, () => statfsSync(diskPath(path))).type === SYSFS_MAGIC;
}

async function readFrom(path: string, file: FileHandle): Promise<Buffer> {
  return onDisk(path, async () => {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
    return buffer.subarray(0, bytesRead);
  });
}
