import { accessSync, constants } from 'node:fs';
import { PROVEN_MAJORS } from '../system/node-internals.ts';
import { type Check, ok, problem, warning } from './finding.ts';

const MIN_VERSION = [22, 18] as const;

export const nodeCheck: Check = {
  id: 'node',
  async inspect() {
    return [nodeVerdict(process.versions.node)];
  },
};

/** The verdict on a version of Node, such as `24.22.3`. */
export function nodeVerdict(version: string) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const remedy = `Install Node ${PROVEN_MAJORS.at(-2)} or another supported release (${PROVEN_MAJORS.join(', ')}).`;
  if (major < MIN_VERSION[0] || (major === MIN_VERSION[0] && minor < MIN_VERSION[1])) {
    return problem(`Node ${version} is too old; MyFTP needs ${MIN_VERSION.join('.')}.`, remedy);
  }
  if (PROVEN_MAJORS.includes(major)) return ok(`Node ${version} is supported.`);
  return warning(`MyFTP is not tested on Node ${version}.`, remedy);
}

/** The jail asks the system where an open file is. */
export const procCheck: Check = {
  id: 'proc',
  async inspect() {
    try {
      accessSync('/proc/self/fd', constants.R_OK | constants.X_OK);
      return [ok('/proc is mounted.')];
    } catch {
      return [
        problem(
          '/proc/self/fd cannot be read, and the server confines clients by it.',
          'Mount /proc (mount -t proc proc /proc), in a chroot or container, too.',
        ),
      ];
    }
  },
};

/** Listings and the options of control connections use the native module koffi, and do without it. */
export const koffiCheck: Check = {
  id: 'koffi',
  async inspect() {
    try {
      await import('koffi');
      return [ok('The native module koffi loads.')];
    } catch (error) {
      const [reason] = String(error instanceof Error ? error.message : error).split('\n');
      return [
        warning(
          `The native module koffi cannot be loaded (${reason}): large listings are slower, and urgent data may be lost.`,
          'Install MyFTP again on this machine, with the same Node and C library as it runs on.',
        ),
      ];
    }
  },
};
