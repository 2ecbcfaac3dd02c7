import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { RunningDigest } from '../digest.ts';
import { Failure } from '../failure.ts';
import type { OctetSource } from '../remote/transfer-connection.ts';
import { diskPath } from './disk-name.ts';
import { digestPrefix } from './file-digest.ts';
import { localFailure, onDisk } from './local-failure.ts';

const CHUNK_BYTES = 512 * 1024;

interface FileFacts {
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/** A file of the local disk that is being sent: just as many octets as it had when it was opened. */
export class SourceFile {
  readonly facts: FileFacts;
  readonly #path: string;
  readonly #file: FileHandle;

  private constructor(path: string, file: FileHandle, facts: FileFacts) {
    this.#path = path;
    this.#file = file;
    this.facts = facts;
  }

  static async open(path: string, links: 'follow' | 'refuse'): Promise<SourceFile> {
    // A pipe without a writer would hold up the open for ever.
    const flags = constants.O_RDONLY | constants.O_NONBLOCK;
    const file = await onDisk(path, () =>
      open(diskPath(path), links === 'refuse' ? flags | constants.O_NOFOLLOW : flags),
    );
    try {
      return new SourceFile(path, file, await factsOf(path, file));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Adds what is before the offset to a digest. */
  async digestBefore(
    offsetBytes: number,
    digest: RunningDigest,
    signal: AbortSignal,
  ): Promise<void> {
    const range = { lengthBytes: offsetBytes, signal };
    await onDisk(this.#path, () => digestPrefix(this.#file, digest, range));
  }

  /**
   * What is from the offset on. The next chunk is read while one is sent, and a chunk is valid until the
   * next is asked for.
   */
  async *read(offsetBytes: number, onRead: (octets: Buffer) => void): OctetSource {
    const { sizeBytes } = this.facts;
    const chunkBytes = Math.min(CHUNK_BYTES, Math.max(sizeBytes - offsetBytes, 1));
    const buffers = [Buffer.allocUnsafe(chunkBytes), undefined];
    let position = offsetBytes;
    let next = position < sizeBytes ? this.#readAt(buffers[0] as Buffer, position) : undefined;
    for (let turn = 1; next !== undefined; turn++) {
      const octets: Buffer = await next;
      position += octets.length;
      buffers[turn % 2] ??= Buffer.allocUnsafe(chunkBytes);
      next = position < sizeBytes ? this.#readAt(buffers[turn % 2] as Buffer, position) : undefined;
      // It is awaited in the next round; until then nobody else looks at a failure.
      next?.catch(() => {});
      onRead(octets);
      yield octets;
    }
  }

  /** @throws Failure if the file is not what it was when it was opened. */
  async checkUnchanged(): Promise<void> {
    const now = await factsOf(this.#path, this.#file);
    const { sizeBytes, modifiedMs } = this.facts;
    if (now.sizeBytes === sizeBytes && now.modifiedMs === modifiedMs) return;
    const what =
      now.sizeBytes === sizeBytes
        ? 'was written to'
        : `${now.sizeBytes > sizeBytes ? 'grew' : 'shrank'} from ${sizeBytes} to ${now.sizeBytes} bytes`;
    throw new Failure(
      'local',
      `${this.#path} ${what} while it was sent; what the server has may be a mixture.`,
    );
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #readAt(buffer: Buffer, position: number): Promise<Buffer> {
    const length = Math.min(buffer.length, this.facts.sizeBytes - position);
    try {
      const { bytesRead } = await this.#file.read(buffer, 0, length, position);
      if (bytesRead > 0) return buffer.subarray(0, bytesRead);
    } catch (error) {
      throw localFailure(error, this.#path);
    }
    throw new Failure(
      'local',
      `${this.#path} shrank from ${this.facts.sizeBytes} to ${position} bytes while it was sent.`,
    );
  }
}

async function factsOf(path: string, file: FileHandle): Promise<FileFacts> {
  const stats = await onDisk(path, () => file.stat());
  if (!stats.isFile()) throw new Failure('local', `${path}: not a plain file.`);
  return { sizeBytes: stats.size, modifiedMs: Math.round(stats.mtimeMs) };
}
