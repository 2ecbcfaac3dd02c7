import type { Entry } from '../../files/place.ts';
import type { SessionLink } from '../connection/session-link.ts';
import { BatchQueue } from './batch-queue.ts';
import { ListingTask } from './listing-task.ts';

/** Batches that wait for a reader before the server has to. */
const MAX_BATCHES = 16;

type Batch = readonly Entry[];

/** The entries of a remote directory, while they arrive. @throws IncompleteListing after the last one. */
export async function* listRemote(
  link: SessionLink,
  path: string,
  signal?: AbortSignal,
): AsyncGenerator<Batch> {
  const queue = new BatchQueue<Batch>(MAX_BATCHES);
  const left = new AbortController();
  const stop = signal === undefined ? left.signal : AbortSignal.any([signal, left.signal]);
  const listing = new ListingTask({ link, queue, path, signal: stop });
  const running = link
    .use((loggedIn) => listing.run(loggedIn), { is: 'reads', signal: stop })
    .then(
      () => queue.end(),
      (error: unknown) => queue.fail(error),
    );
  try {
    for (;;) {
      const batch = await queue.take();
      if (batch === undefined) return;
      yield batch;
    }
  } finally {
    left.abort();
    await running;
  }
}
