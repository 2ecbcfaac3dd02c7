/** The one place that sets an option of V8, which Node passes on without promising anything. */
import { setFlagsFromString } from 'node:v8';

/** Major releases of Node on which the test of this has passed; another V8 may print that it does not know the option. */
const TESTED_MAJORS: readonly number[] = [22, 24, 26];

/**
 * Keeps V8 from enlarging the space for new objects. Transfers of many small files make it grow to 128 MiB, of which they
 * need 2: the rest costs memory, and time because it does not fit into the processor's cache.
 *
 * @returns false if V8 is left as it is.
 */
export function limitYoungGeneration(version = process.versions.node): boolean {
  if (!TESTED_MAJORS.includes(Number.parseInt(version, 10))) return false;
  setFlagsFromString('--semi-space-growth-factor=1');
  return true;
}
