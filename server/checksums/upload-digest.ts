import { fstatSync, readSync, type Stats } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import type { WorkerPool } from '../workers/worker-pool.ts';
import { BackgroundHasher } from './background-hasher.ts';
import type { Checksums } from './checksum.ts';
import type { ChecksumAlgorithm } from './checksum-names.ts';
import { startDigest } from './checksum-task.ts';
import type { Digests } from './growing-checksum-task.ts';
import type { RecentUploadDigest } from './recent-upload-digests.ts';

/** Whether uploads are hashed while they are received, if the client has not asked for a digest. */
export type UploadHashing = 'auto' | 'on' | 'off';

/**
 * Smaller files are hashed on the event loop, because a message to a worker thread costs more. They are hashed on
 * request only, because hashing is a large part of the cost of a small upload.
 */
const SYNC_HASH_MAX_BYTES = 64 * 1024;

/** Larger uploads are hashed in a worker thread. */
const FOLLOWED_FROM_BYTES = 4 * 1024 * 1024;

/** Growth of the file at which the worker thread is notified. */
const STEP_BYTES = 2 * 1024 * 1024;

/**
 * Rate of all uploads above which they are not hashed without a request: it is more than a gigabit network carries, and
 * hashing would take the processor from the transfers.
 */
const FAST_BYTES_PER_MS = (256 * 1024 * 1024) / 1000;

/** Lag at which a worker thread gives up, without a request. */
const MAX_LAG_BYTES = 128 * 1024 * 1024;

/** Number of uploads that are hashed at the same time without a request. */
const MAX_FOLLOWED = 8;

/** An upload as its digest sees it. */
interface UploadToHash {
  /** Open for reading, and until `finish` has been called. */
  readonly descriptor: number;
  /** Bytes of the file that the upload continues. */
  readonly offsetBytes: number;
  /** Algorithms that a caller waits for. */
  readonly wanted: readonly ChecksumAlgorithm[];
}

interface UploadDigestsDeps {
  readonly workers: WorkerPool;
  readonly checksums: Checksums;
  readonly hashing: UploadHashing;
  readonly now?: () => number;
  /** Whether the processors have no time to spare. */
  readonly isBusy?: () => boolean;
}

/** More processes want to run than there are processors, as an average of a minute. */
function isMachineBusy(): boolean {
  return (loadavg()[0] ?? 0) > availableParallelism();
}

/** Hashes uploads while they come in, off the event loop. */
export class UploadDigests {
  readonly #deps: Required<UploadDigestsDeps>;
  #unaskedCount = 0;
  #runningCount = 0;

  constructor(deps: UploadDigestsDeps) {
    this.#deps = { now: () => performance.now(), isBusy: isMachineBusy, ...deps };
  }

  /** Property by property: objects that are spread cost a small upload as much as a call of the system. */
  begin({ descriptor, offsetBytes, wanted }: UploadToHash): UploadDigest {
    const { workers, checksums, hashing, now } = this.#deps;
    this.#runningCount += 1;
    const isAsked = wanted.length > 0 || hashing === 'on';
    const algorithms = new Set(wanted);
    if (hashing !== 'off') algorithms.add('SHA-256');
    return new UploadDigest({
      workers,
      checksums,
      now,
      descriptor,
      offsetBytes,
      isAsked,
      algorithms: [...algorithms],
      isTooFast: this.#isTooFast,
      takeTurn: this.#takeTurn,
      endTurn: this.#endTurn,
      ended: this.#ended,
    });
  }

  readonly #isTooFast = (bytesPerMs: number): boolean =>
    bytesPerMs * this.#runningCount > FAST_BYTES_PER_MS;

  readonly #takeTurn = (): boolean => {
    if (this.#unaskedCount >= MAX_FOLLOWED || this.#deps.isBusy()) return false;
    this.#unaskedCount += 1;
    return true;
  };

  readonly #endTurn = (): void => {
    this.#unaskedCount -= 1;
  };

  readonly #ended = (): void => {
    this.#runningCount -= 1;
  };
}

interface DigestDeps
  extends Omit<Required<UploadDigestsDeps>, 'hashing' | 'isBusy'>,
    Omit<UploadToHash, 'wanted'> {
  readonly algorithms: readonly ChecksumAlgorithm[];
  readonly isAsked: boolean;
  /** Whether uploads, if all are as fast as this, leave no time to hash them without a request. */
  isTooFast(bytesPerMs: number): boolean;
  /** Whether one more upload may be hashed without a request. */
  takeTurn(): boolean;
  endTurn(): void;
  /** All has come, or nothing more will. */
  ended(): void;
}

/** The digests of one upload. One of `finish` and `cancel` must be called. */
export class UploadDigest {
  readonly #deps: DigestDeps;
  /** When the first octets came. */
  #startedMs: number | undefined;
  #hasEnded = false;
  #hasher: BackgroundHasher | undefined;
  #reportedBytes = 0;
  #state: 'undecided' | 'followed' | 'given up' = 'undecided';
  #ready: Digests | undefined;
  #finished: { readonly stats: Stats; readonly namedFromMs: number } | undefined;

  constructor(deps: DigestDeps) {
    this.#deps = deps;
    if (deps.algorithms.length === 0) this.#state = 'given up';
  }

  /** Reports the length of the file. */
  reached(sizeBytes: number): void {
    this.#startedMs ??= this.#deps.now();
    if (sizeBytes - this.#reportedBytes < STEP_BYTES || this.#state === 'given up') return;
    if (this.#state === 'undecided') {
      const { offsetBytes } = this.#deps;
      if (sizeBytes - offsetBytes < FOLLOWED_FROM_BYTES) return;
      this.#decide(sizeBytes);
    }
    this.#reportedBytes = sizeBytes;
    this.#hasher?.grown({ sizeBytes, isWhole: false });
    this.#giveUpIfCostly(sizeBytes);
  }

  /** All has come: the file has its last length. Never waits; see `get` and `published`. */
  finish(sizeBytes: number): void {
    this.#end();
    if (this.#state === 'given up') return;
    if (this.#state === 'undecided' && sizeBytes <= SYNC_HASH_MAX_BYTES) {
      if (!this.#deps.isAsked) return;
      this.#ready = this.#atOnce(sizeBytes);
    } else {
      if (this.#state === 'undecided') this.#decide(sizeBytes);
      this.#hasher?.grown({ sizeBytes, isWhole: true });
    }
    if (this.#ready === undefined && this.#hasher === undefined) return;
    this.#finished = { stats: fstatSync(this.#deps.descriptor), namedFromMs: Date.now() };
  }

  /** A digest when it is ready; undefined if there will be none. */
  get(algorithm: ChecksumAlgorithm): RecentUploadDigest | undefined {
    if (this.#ready !== undefined) return this.#ready[algorithm];
    if (this.#state === 'given up' || !this.#deps.algorithms.includes(algorithm)) return undefined;
    const digest = this.#hasher?.digests.then((digests) => required(digests[algorithm]));
    // No caller may be waiting when it fails.
    digest?.catch(() => undefined);
    return digest;
  }

  /** Makes the digests available for checksums of the published file. */
  published(): void {
    const finished = this.#finished;
    if (finished === undefined) return;
    const { checksums, algorithms } = this.#deps;
    const digests: Partial<Record<ChecksumAlgorithm, RecentUploadDigest>> = {};
    for (const algorithm of algorithms) {
      const digest = this.get(algorithm);
      if (digest !== undefined) digests[algorithm] = digest;
    }
    checksums.recentUploads.add({ ...finished, namedUntilMs: Date.now(), digests });
  }

  /** Cancels the digests. Does nothing after the file was published. */
  cancel(): void {
    this.#end();
    this.#giveUp();
  }

  #end(): void {
    if (!this.#hasEnded) this.#deps.ended();
    this.#hasEnded = true;
  }

  #giveUp(): void {
    this.#state = 'given up';
    this.#hasher?.cancel();
  }

  #atOnce(sizeBytes: number): Digests {
    const { algorithms, descriptor } = this.#deps;
    const octets = atOnceBuffer.subarray(0, sizeBytes);
    let doneBytes = 0;
    while (doneBytes < sizeBytes) {
      const bytes = readSync(descriptor, octets, doneBytes, sizeBytes - doneBytes, doneBytes);
      if (bytes === 0) throw new Error('an upload has become shorter');
      doneBytes += bytes;
    }
    return Object.fromEntries(algorithms.map((name) => [name, digestOf(octets, name)]));
  }

  #decide(sizeBytes: number): void {
    const { isAsked, takeTurn, endTurn, workers, descriptor, algorithms } = this.#deps;
    if (!isAsked && (this.#isTooFast(sizeBytes) || !takeTurn())) {
      this.#state = 'given up';
      return;
    }
    this.#state = 'followed';
    this.#hasher = new BackgroundHasher({ workers, descriptor, algorithms });
    if (!isAsked) this.#hasher.digests.then(endTurn, endTurn);
  }

  /**
   * Unasked work takes the processor from the upload itself if that turns out to be fast, as it may after a slow start, or
   * if the work cannot keep pace.
   */
  #giveUpIfCostly(sizeBytes: number): void {
    const { isAsked, offsetBytes } = this.#deps;
    if (isAsked) return;
    const lagBytes = sizeBytes - (this.#hasher?.doneBytes ?? sizeBytes);
    if (lagBytes > offsetBytes + MAX_LAG_BYTES || this.#isTooFast(sizeBytes)) this.#giveUp();
  }

  #isTooFast(sizeBytes: number): boolean {
    const { offsetBytes, now, isTooFast } = this.#deps;
    const elapsedMs = Math.max(1, now() - (this.#startedMs ?? now()));
    return isTooFast((sizeBytes - offsetBytes) / elapsedMs);
  }
}

/** Nothing waits between the reading and the hashing. */
const atOnceBuffer = Buffer.allocUnsafeSlow(SYNC_HASH_MAX_BYTES);

function digestOf(octets: Uint8Array, algorithm: ChecksumAlgorithm): string {
  const digest = startDigest(algorithm);
  digest.update(octets);
  return digest.hex();
}

function required(digest: string | undefined): string {
  if (digest === undefined) throw new Error('the digest was not computed');
  return digest;
}
