/** The programs as `build/jest-setup.ts` has built them for this run of the tests. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The module that starts the client. */
export function builtClient(): string {
  return resolve(buildDirectory(), 'tui-client/main.js');
}

/** The module that starts the server. */
export function builtServer(): string {
  return resolve(buildDirectory(), 'dist/server/main.js');
}

/** The module that starts `tests/terminal/tiny-program.tsx`. */
export function builtTinyProgram(): string {
  return resolve(buildDirectory(), 'tiny-program.js');
}

/** The program of the server's worker threads; undefined outside Jest, where they run from their sources. */
export function bundledWorker(): URL | undefined {
  if (process.env.JEST_WORKER_ID === undefined) return undefined;
  return pathToFileURL(resolve(buildDirectory(), 'dist/server/worker-main.js'));
}

function buildDirectory(): string {
  const { MYFTP_TEST_BUILD: directory } = process.env;
  if (directory === undefined)
    throw new Error('MYFTP_TEST_BUILD is not set; jest.config.ts names the setup that sets it');
  return directory;
}
