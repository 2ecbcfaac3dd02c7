/** The one place that uses private interfaces of Node's terminals. */
import type { WriteStream } from 'node:tty';

/** Major releases of Node on which the tests of a stalled terminal have passed. */
const TESTED_MAJORS: readonly number[] = [22, 24, 26];

interface NodeFacts {
  /** As `process.versions.node`. */
  readonly version: string;
}

/** Only the part of a terminal's private handle that is used. */
interface Handle {
  setBlocking?(isBlocking: boolean): unknown;
}

/**
 * Makes writes to a terminal return before the terminal has taken them, or undoes that.
 *
 * Node writes to terminals synchronously, so a line that stalls would stall all transfers, and has no documented way to
 * change that. Where the private way is missing or untested, writes stay synchronous.
 *
 * @returns false if writes stay synchronous.
 */
export function setBlocking(
  output: WriteStream,
  blocking: 'on' | 'off',
  node: NodeFacts = { version: process.versions.node },
): boolean {
  if (!TESTED_MAJORS.includes(Number.parseInt(node.version, 10))) return false;
  const { _handle: handle } = output as unknown as { readonly _handle?: Handle | null };
  if (typeof handle?.setBlocking !== 'function') return false;
  // With writes waiting, libuv keeps to what was set before.
  if (output.writableLength === 0) handle.setBlocking(blocking === 'on');
  return true;
}
