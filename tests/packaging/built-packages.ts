import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** What `.ci/package-test.sh` has built; undefined in an ordinary run of the tests. */
const directory = process.env.MYFTP_TEST_PACKAGES;

/** Why packages cannot be tested, for the name of a skipped test; undefined if they can. */
export const packagesProblem =
  directory === undefined || !existsSync(directory)
    ? 'no packages were built; run .ci/package-test.sh'
    : undefined;

/** The package whose name ends so. @throws if there is none, or more than one */
export function builtPackage(ending: string): string {
  const names = readdirSync(directory ?? '').filter((name) => name.endsWith(ending));
  const [name] = names;
  if (name === undefined || names.length > 1)
    throw new Error(`${ending}: ${names.length} packages`);
  return path.join(directory ?? '', name);
}
