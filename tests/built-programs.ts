/** The programs as `build/jest-setup.ts` has built them for this run of the tests. */
import { resolve } from 'node:path';

/** The module that starts the client. */
export function builtClient(): string {
  return resolve(buildDirectory(), 'tui-client/main.js');
}

/** The module that starts the server. */
export function builtServer(): string {
  return resolve(buildDirectory(), 'dist/server/main.js');
}

function buildDirectory(): string {
  const { MYFTP_TEST_BUILD: directory } = process.env;
  if (directory === undefined)
    throw new Error('MYFTP_TEST_BUILD is not set; jest.config.ts names the setup that sets it');
  return directory;
}
