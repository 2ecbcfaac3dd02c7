import type { WorkerPool } from './worker-pool.ts';

/** `longestPath` of `disk/longest-path.ts` in a worker thread. */
export function longestPathIn(
  workers: Pick<WorkerPool, 'start'>,
): (topPath: string) => Promise<number> {
  return async (path) => (await workers.start('longest-path', { path }).take()) ?? 0;
}
