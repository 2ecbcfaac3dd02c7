import { Worker } from 'node:worker_threads';

/** `.ts` when the server runs from its sources, `.js` once it is built. */
const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

/**
 * V8 collects garbage the later, the more memory it may use: with its default limit, stalled listings cost hundreds of
 * MiB of unreferenced memory. The names of a directory of a million entries need about 50 MiB.
 */
const MAX_HEAP_MB = 128;

const PROGRAM = new URL(`./worker-main.${EXTENSION}`, import.meta.url);

/** Starts a thread. @param program `worker-main.ts`, or what it was bundled into. */
export function startWorker(program = PROGRAM): Worker {
  return new Worker(program, {
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    name: 'myftp worker',
  });
}
