import { closeSync, constants, fstatSync, openSync, read, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { Failure } from '../errors/failure.ts';
import type { RunningDigest } from '../files/digest.ts';
import type { OctetSource } from '../remote/data/transfer-connection.ts';
import { diskPath } from './disk-name.ts';
import { digestPrefix } from './file-digest.ts';
import { atOnce, localFailure, onDisk } from './local-failure.ts';

const CHUNK_BYTES = 512 * 1024;

/** So little is read at once: Node's threads, and a promise, would cost more than the reading. */
const READ_AT_ONCE_BYTES = 32 * 1024;

const readByThread = promisify(read);

interface FilePart {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

interface FileFacts {
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/**
 * A file of the local disk that is being sent: just as many octets as it had when it was opened. What takes but a
 * moment, as opening, is done without Node's threads, which would cost more.
 */
export class SourceFile {
  readonly facts: FileFacts;
  readonly #path: string;
  readonly #file: number;
  #lastRead: Promise<Buffer> | undefined;

  private constructor(path: string, file: number, facts: FileFacts) {
    this.#path = path;
    this.#file = file;
    this.facts = facts;
  }

  /** @throws Failure if it cannot be read. */
  static open(path: string, links: 'follow' | 'refuse'): SourceFile {
    // A pipe without a writer would hold up the open for ever.
    const flags = constants.O_RDONLY | constants.O_NONBLOCK;
    const file = atOnce(path, () =>
      openSync(diskPath(path), links === 'refuse' ? flags | constants.O_NOFOLLOW : flags),
    );
    try {
      return new SourceFile(path, file, factsOf(path, file));
    } catch (error) {
      closeSync(file);
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
    const reader = {
      read: (...place: [Buffer, number, number, number]) => readByThread(this.#file, ...place),
    };
    await onDisk(this.#path, () => digestPrefix(reader, digest, range));
  }

  /** Some octets of it; fewer at its end. */
  async octetsAt({ offsetBytes, lengthBytes }: FilePart): Promise<Buffer> {
    return onDisk(this.#path, async () => {
      const buffer = Buffer.alloc(lengthBytes);
      const { bytesRead } = await readByThread(this.#file, buffer, 0, lengthBytes, offsetBytes);
      return buffer.subarray(0, bytesRead);
    });
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
      // It is awaited in the next round; its failure is not handled before.
      next?.catch(() => {});
      onRead(octets);
      yield octets;
    }
  }

  /** @throws Failure if the file is not what it was when it was opened. */
  async checkUnchanged(): Promise<void> {
    const now = factsOf(this.#path, this.#file);
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
    // Its number may be another file's at once.
    await this.#lastRead?.catch(() => {});
    closeSync(this.#file);
  }

  #readAt(buffer: Buffer, position: number): Promise<Buffer> {
    this.#lastRead = this.#readPart(buffer, position);
    return this.#lastRead;
  }

  async #readPart(buffer: Buffer, position: number): Promise<Buffer> {
    const length = Math.min(buffer.length, this.facts.sizeBytes - position);
    const place = [buffer, 0, length, position] as const;
    try {
      const bytesRead =
        length <= READ_AT_ONCE_BYTES
          ? readSync(this.#file, ...place)
          : (await readByThread(this.#file, ...place)).bytesRead;
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

function factsOf(path: string, file: number): FileFacts {
  const stats = atOnce(path, () => fstatSync(file));
  if (!stats.isFile()) throw new Failure('local', `${path}: not a plain file.`);
  return { sizeBytes: stats.size, modifiedMs: Math.round(stats.mtimeMs) };
}
