import { closeSync, openSync } from 'node:fs';
import { BoundedMap } from '../collections/bounded-map.ts';
import { FileUnavailableError } from '../errors/errors.ts';
import { abortable } from '../scheduling/abortable.ts';
import type { Job } from '../workers/job.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import type { ChecksumAlgorithm } from './checksum-names.ts';
import { type ChecksumTaskResult, FILE_TOO_SHORT } from './checksum-task.ts';
import { type FileIdentity, isSameState } from './file-identity.ts';
import { type RecentUploadDigest, RecentUploadDigests } from './recent-upload-digests.ts';

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

interface Computation {
  readonly job: Job<ChecksumTaskResult>;
  readonly digest: Promise<string>;
  waiters: number;
}

const DEFAULT_CACHE_ENTRIES = 4096;

/**
 * A file that was changed this short a time before may change again without a new time stamp, because
 * file systems count time in steps (10 ms on Linux).
 */
const UNSURE_MS = 100;

/** Computes checksums off the event loop, and remembers them for files that have not changed. */
export class Checksums {
  readonly #workers: WorkerPool;
  readonly #cache: BoundedMap<string, string>;
  readonly #running = new Map<string, Computation>();
  /** Digests of files that were published with a known digest. */
  readonly recentUploads: RecentUploadDigests;

  constructor(deps: { readonly workers: WorkerPool; readonly cacheEntries?: number }) {
    this.#workers = deps.workers;
    const cacheEntries = deps.cacheEntries ?? DEFAULT_CACHE_ENTRIES;
    this.#cache = new BoundedMap(cacheEntries);
    this.recentUploads = new RecentUploadDigests(cacheEntries);
  }

  /**
   * Hashes a range of a file.
   *
   * @returns lower-case hexadecimal digits.
   * @throws FileUnavailableError if the file ends before `endBytes`.
   * @throws the reason of `signal`; other callers that wait for the same checksum still get it.
   */
  async compute(request: ChecksumRequest): Promise<string> {
    request.signal?.throwIfAborted();
    const key = keyOf(request);
    const known = this.#cache.use(key);
    if (known !== undefined) return known;
    const written = this.#writtenDigest(request);
    if (written === undefined) return this.#read(key, request);
    if (typeof written !== 'string') return this.#afterWriter(key, request, written);
    this.#cache.set(key, written);
    return written;
  }

  #writtenDigest(request: ChecksumRequest): RecentUploadDigest | undefined {
    const { identity, algorithm, startBytes, endBytes } = request;
    const isWhole = startBytes === 0 && endBytes === identity.sizeBytes;
    return isWhole ? this.recentUploads.find(identity, algorithm) : undefined;
  }

  #read(key: string, request: ChecksumRequest): Promise<string> {
    const running = this.#running.get(key) ?? this.#begin(key, request);
    return this.#wait(key, running, request.signal);
  }

  /** Waits for a digest that is being computed for a new upload; reads the file only if that fails. */
  async #afterWriter(
    key: string,
    request: ChecksumRequest,
    pending: Promise<string>,
  ): Promise<string> {
    const descriptor = openSync(`/proc/self/fd/${request.descriptor}`, 'r');
    try {
      const hex = await abortable(
        pending.catch(() => undefined),
        request.signal,
      );
      if (hex === undefined) return await this.#read(key, { ...request, descriptor });
      this.#cache.set(key, hex);
      return hex;
    } finally {
      closeSync(descriptor);
    }
  }

  /**
   * The computation uses its own descriptor: the first caller may give up and close its descriptor, and the number
   * would be reused for another file.
   */
  #begin(key: string, request: ChecksumRequest): Computation {
    const startedMs = Date.now();
    const descriptor = openSync(`/proc/self/fd/${request.descriptor}`, 'r');
    let job: Job<ChecksumTaskResult>;
    try {
      const { algorithm, startBytes, endBytes } = request;
      job = this.#workers.start('checksum', { descriptor, algorithm, startBytes, endBytes });
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
    const isSure = request.identity.changedMs + UNSURE_MS <= startedMs;
    const digest = this.#finish({ key, job, descriptor, identity: request.identity, isSure });
    // No caller may be waiting when it fails.
    digest.catch(() => undefined);
    const computation: Computation = { job, digest, waiters: 0 };
    this.#running.set(key, computation);
    return computation;
  }

  async #finish(computation: {
    readonly key: string;
    readonly job: Job<ChecksumTaskResult>;
    readonly descriptor: number;
    readonly identity: FileIdentity;
    readonly isSure: boolean;
  }): Promise<string> {
    const { key, job, descriptor, identity, isSure } = computation;
    try {
      const result = await job.take();
      if (result === undefined) throw new Error('the checksum was cancelled');
      if (isSure && isSameState(result.identity, identity)) this.#cache.set(key, result.digest);
      return result.digest;
    } catch (error) {
      throw isTooShort(error) ? new FileUnavailableError('The file is too short.') : error;
    } finally {
      closeSync(descriptor);
      if (this.#running.get(key)?.job === job) this.#running.delete(key);
    }
  }

  async #wait(
    key: string,
    computation: Computation,
    signal: AbortSignal | undefined,
  ): Promise<string> {
    computation.waiters += 1;
    try {
      return await abortable(computation.digest, signal);
    } finally {
      computation.waiters -= 1;
      if (computation.waiters === 0 && this.#running.get(key) === computation) {
        this.#running.delete(key);
        void computation.job.cancel();
      }
    }
  }
}

function keyOf(request: ChecksumRequest): string {
  const { device, inode, sizeBytes, modifiedMs, changedMs } = request.identity;
  const state = `${device}:${inode}:${sizeBytes}:${modifiedMs}:${changedMs}`;
  return `${state}:${request.algorithm}:${request.startBytes}:${request.endBytes}`;
}

function isTooShort(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === FILE_TOO_SHORT;
}
