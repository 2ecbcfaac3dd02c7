/** Jest's global teardown: removes what `jest-setup.ts` has built. */
import { rm } from 'node:fs/promises';

export default async function tearDown(): Promise<void> {
  const { MYFTP_TEST_BUILD: directory } = process.env;
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
}
