import { setFlagsFromString } from 'node:v8';
import { PROVEN_MAJORS } from './node-internals.ts';

const OPTIONS = [
  // Calls after which V8 compiles a function with its best compiler: 3,000 by default.
  '--invocation-count-for-turbofan=600',
  // Calls for which it waits whenever a function meets a new kind of object: 500 by default.
  '--minimum-invocations-after-ic-update=20',
];

/**
 * Lets V8 optimize functions early. A command calls most functions once, so that by default a server would interpret its
 * first thousands of files, at two to three times the CPU time.
 *
 * Node passes options of V8 on without promising anything, and another V8 may print that it does not know them.
 *
 * @returns false if V8 is left as it is.
 */
export function optimizeEarly(version = process.versions.node): boolean {
  if (!PROVEN_MAJORS.includes(Number.parseInt(version, 10))) return false;
  for (const option of OPTIONS) setFlagsFromString(option);
  return true;
}
