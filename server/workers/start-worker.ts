import { Worker } from 'node:worker_threads';

/** `.ts` when the server runs from its sources, `.js` once it is built. */
const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

/** Starts a thread with the program of `worker-main.ts`. */
export function startWorker(): Worker {
  const program = new URL(`./worker-main.${EXTENSION}`, import.meta.url);
  return new Worker(program, { execArgv: [], name: 'myftp worker' });
}
