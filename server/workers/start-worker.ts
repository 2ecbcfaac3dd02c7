import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

const NAME = 'myftp worker';

/** Starts a thread with the program of `worker-main.ts`, from what was built or from the sources. */
export function startWorker(): Worker {
  const isBuilt = !import.meta.url.endsWith('.ts');
  if (isBuilt) {
    return new Worker(new URL('./worker-main.js', import.meta.url), { execArgv: [], name: NAME });
  }
  return startFromSources(new URL('./worker-main.ts', import.meta.url));
}

/**
 * The thread must learn to read TypeScript before it imports its program: on Node 20 neither the options of
 * the process nor `--import tsx` reach the first module of a thread.
 */
function startFromSources(program: URL): Worker {
  const tsxPackage = pathToFileURL(createRequire(import.meta.url).resolve('tsx/package.json'));
  const tsx = new URL('./dist/esm/api/index.mjs', tsxPackage);
  const script = `import(${JSON.stringify(tsx.href)})
    .then(({ register }) => { register(); return import(${JSON.stringify(program.href)}); })`;
  return new Worker(script, { eval: true, execArgv: [], name: NAME });
}
