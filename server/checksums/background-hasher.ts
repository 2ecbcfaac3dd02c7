import { closeSync, openSync } from 'node:fs';
import type { Job } from '../workers/job.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import type { ChecksumAlgorithm } from './checksum-names.ts';
import type { Digests, Growth } from './growing-checksum-task.ts';

interface BackgroundHasherOptions {
  readonly workers: WorkerPool;
  /** Open for reading; may be closed afterwards. */
  readonly descriptor: number;
  readonly algorithms: readonly ChecksumAlgorithm[];
}

/** A worker thread that hashes a file while it is being written, through its own descriptor. */
export class BackgroundHasher {
  readonly digests: Promise<Digests>;
  readonly #job: Job<Digests>;
  readonly #progress = new Float64Array(new SharedArrayBuffer(8));

  constructor({ workers, descriptor, algorithms }: BackgroundHasherOptions) {
    const own = openSync(`/proc/self/fd/${descriptor}`, 'r');
    try {
      const input = { descriptor: own, algorithms, progress: this.#progress };
      this.#job = workers.start('growing-checksum', input);
    } catch (error) {
      closeSync(own);
      throw error;
    }
    this.digests = result(this.#job).finally(() => closeSync(own));
    // No caller may be waiting when it fails.
    this.digests.catch(() => undefined);
  }

  get doneBytes(): number {
    return this.#progress[0] ?? 0;
  }

  grown(growth: Growth): void {
    this.#job.tell(growth);
  }

  cancel(): void {
    void this.#job.cancel();
  }
}

async function result(job: Job<Digests>): Promise<Digests> {
  const digests = await job.take();
  if (digests === undefined) throw new Error('the checksum was cancelled');
  return digests;
}
