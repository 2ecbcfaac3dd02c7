import {
  closeSync,
  constants,
  fchmodSync,
  futimesSync,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { diskPath } from './disk-name.ts';
import { errnoOf, localFailure } from './local-failure.ts';
import { type Part, PartFile, type PublishedFacts, partPath, publishedMode } from './part-file.ts';

/** What a file may have to be held in memory until all of it has come. */
export const SMALL_FILE_BYTES = 32 * 1024;

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

const OWN_MODE = 0o600;

/** What lies there already is not taken for a beginning of this one. */
const FROM_START = { sizeBytes: undefined, modifiedMs: undefined, trust: 'none' } as const;

/**
 * A small download on its way: in memory, and on disk at once when it is whole. A part that is larger than was
 * said, is kept for later or finds something in its way becomes a `PartFile`.
 */
export class SmallPart implements Part {
  readonly target: string;
  #chunks: Buffer[] = [];
  #heldBytes = 0;
  #file: PartFile | undefined;

  constructor(target: string) {
    this.target = target;
  }

  get sizeBytes(): number {
    return this.#file?.sizeBytes ?? this.#heldBytes;
  }

  async octetsAt(offsetBytes: number, lengthBytes: number): Promise<Buffer> {
    if (this.#file !== undefined) return this.#file.octetsAt(offsetBytes, lengthBytes);
    return Buffer.concat(this.#chunks).subarray(offsetBytes, offsetBytes + lengthBytes);
  }

  /** There is none before the first octets come. */
  async digestSoFar(): Promise<void> {}

  append(octets: Buffer): Promise<void> | undefined {
    if (this.#file !== undefined) return this.#file.append(octets);
    // The buffer is reused after this has been taken.
    this.#chunks.push(Buffer.from(octets));
    this.#heldBytes += octets.length;
    return this.#heldBytes > SMALL_FILE_BYTES ? this.#writeOut().then(() => {}) : undefined;
  }

  async empty(): Promise<void> {
    this.#forget();
    await this.#file?.empty();
  }

  async publish(facts: PublishedFacts): Promise<void> {
    if (this.#file === undefined && this.#place(facts)) return;
    await (await this.#writeOut()).publish(facts);
  }

  async keep(source: { readonly modifiedMs: number | undefined }): Promise<void> {
    if (this.sizeBytes === 0) return;
    await this.#writeOut().then(
      (file) => file.keep(source),
      () => this.#forget(),
    );
  }

  async remove(): Promise<void> {
    await this.#file?.remove();
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }

  #forget(): void {
    this.#chunks = [];
    this.#heldBytes = 0;
  }

  async #writeOut(): Promise<PartFile> {
    if (this.#file !== undefined) return this.#file;
    const file = await PartFile.open(this.target, FROM_START);
    this.#file = file;
    await file.append(Buffer.concat(this.#chunks));
    this.#chunks = [];
    return file;
  }

  /**
   * Not through Node's threads, which cost more than these few calls. False if its directory is missing, or
   * something has the name of its part.
   */
  #place({ modifiedMs, mode }: PublishedFacts): boolean {
    const path = diskPath(partPath(this.target, 0));
    let file: number;
    try {
      file = openSync(path, CREATE, OWN_MODE);
    } catch (error) {
      if (errnoOf(error) === 'EEXIST' || errnoOf(error) === 'ENOENT') return false;
      throw localFailure(error, this.target);
    }
    try {
      for (const octets of this.#chunks) writeAll(file, octets);
      fchmodSync(file, publishedMode(mode));
      if (modifiedMs !== undefined) futimesSync(file, modifiedMs / 1000, modifiedMs / 1000);
      renameSync(path, diskPath(this.target));
      return true;
    } catch (error) {
      removeQuietly(path);
      throw localFailure(error, this.target);
    } finally {
      closeSync(file);
    }
  }
}

function writeAll(file: number, octets: Buffer): void {
  for (let at = 0; at < octets.length; ) at += writeSync(file, octets, at);
}

function removeQuietly(path: string | Buffer): void {
  try {
    unlinkSync(path);
  } catch {
    // It is gone already, or stays for its owner to look at.
  }
}
