import { resolve } from 'node:path';

/** The module that starts the client, as `build/jest-setup.ts` has built it for this run of the tests. */
export function builtClient(): string {
  const { MYFTP_TEST_BUILD: directory } = process.env;
  if (directory === undefined)
    throw new Error('MYFTP_TEST_BUILD is not set; jest.config.ts names the setup that sets it');
  return resolve(directory, 'tui-client', 'main.js');
}
