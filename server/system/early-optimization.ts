import { setFlagsFromString } from 'node:v8';
import { PROVEN_MAJORS } from './node-internals.ts';

/** Invocations after which V8 compiles a function with its second-best and with its best compiler; V8 has 400 and 3,000. */
const OPTIONS = [
  '--invocation-count-for-maglev=50',
  '--invocation-count-for-turbofan=300',
  // V8 waits for 500 more invocations whenever a function meets a new kind of object.
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
