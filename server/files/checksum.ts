import type { WorkerPool } from '../workers/worker-pool.ts';

/** The checksums on offer, under the names of HASH. */
export type ChecksumAlgorithm = 'CRC32' | 'MD5' | 'SHA-1' | 'SHA-256' | 'SHA-512';

/** Tells a file in one state from every other, by what `fstat` says. Milliseconds keep their fraction. */
export interface FileIdentity {
  readonly device: number;
  readonly inode: number;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly changedMs: number;
}

/** Which bytes to hash, of which file. */
export interface ChecksumRequest {
  /** Open for reading; may be closed as soon as `compute` has returned its promise. */
  readonly descriptor: number;
  readonly identity: FileIdentity;
  readonly algorithm: ChecksumAlgorithm;
  readonly startBytes: number;
  /** Offset of the first byte that does not count. */
  readonly endBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/** Computes checksums off the event loop, and remembers them for files that have not changed. */
export class Checksums {
  constructor(_deps: { readonly workers: WorkerPool; readonly cacheEntries?: number }) {}

  /**
   * Hashes a range of a file.
   *
   * @returns lower-case hexadecimal digits.
   * @throws FileUnavailableError if the file ends before `endBytes`.
   * @throws the reason of `signal`; others who wait for the same checksum still get it.
   */
  async compute(_request: ChecksumRequest): Promise<string> {
    throw new Error('not built yet');
  }
}
