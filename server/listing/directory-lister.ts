import type { Job } from '../workers/job.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import type { ListingRequest } from './listing-request.ts';

/** Lists directories in worker threads, so that large ones delay no other client. */
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
    const job = this.#workers.start('listing', request, { signal });
    let shared: Job<Uint8Array> | undefined;
    try {
      for (let part = await job.take(); part !== undefined; part = await job.take()) {
        if ('sharedNames' in part) {
          const { sharedNames, partials } = part;
          const input = { request, sharedNames, partials };
          shared = this.#workers.start('listing-blocks', input, { signal });
          continue;
        }
        yield* chunk(part);
        // Two threads format a large directory: this block was formatted while the other one was.
        const other = await shared?.take();
        shared = undefined;
        if (other !== undefined) yield* chunk(other);
      }
    } finally {
      await Promise.all([job.cancel(), shared?.cancel()]);
    }
  }
}

function* chunk({ buffer, byteOffset, byteLength }: Uint8Array): Generator<Buffer> {
  if (byteLength > 0) yield Buffer.from(buffer, byteOffset, byteLength);
}
