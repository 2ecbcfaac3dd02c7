import type { Job } from '../workers/job.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import type { ListingRequest } from './listing-request.ts';
import type { SharedNames } from './listing-task.ts';

/** Lists directories in worker threads, so that large ones delay nobody. */
export class DirectoryLister {
  readonly #workers: WorkerPool;

  constructor(deps: { readonly workers: WorkerPool }) {
    this.#workers = deps.workers;
  }

  /**
   * Lists a directory in chunks of lines that end in CRLF, sorted by the bytes of their names.
   *
   * Work stays a few chunks ahead of the consumer and ends when the iteration does. The descriptor may be
   * closed once the iteration has ended, in whatever way.
   *
   * Names are sent as the bytes that the disk holds, whether they are UTF-8 or not.
   *
   * @throws errors of Node's `fs` with their `code`, and the reason of `signal`.
   */
  async *list(
    options: ListingRequest & { readonly signal?: AbortSignal | undefined },
  ): AsyncGenerator<Buffer, void, undefined> {
    const { signal, ...request } = options;
    const jobs: Job<Uint8Array | SharedNames>[] = [
      this.#workers.start('listing', request, { signal }),
    ];
    try {
      // Two threads format a large directory: their blocks follow each other by turns.
      for (let turn = 0; ; ) {
        const part = await jobs[turn % jobs.length]?.take();
        if (part === undefined) return;
        if ('sharedNames' in part) {
          const { sharedNames } = part;
          jobs.push(this.#workers.start('listing-blocks', { request, sharedNames }, { signal }));
        } else {
          turn += 1;
          if (part.byteLength > 0) yield Buffer.from(part.buffer, part.byteOffset, part.byteLength);
        }
      }
    } finally {
      await Promise.all(jobs.map((job) => job.cancel()));
    }
  }
}
