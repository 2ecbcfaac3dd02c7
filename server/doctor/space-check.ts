import { statfsSync, statSync } from 'node:fs';
import { describeSize } from '../config/units.ts';
import { existingParent } from './directory-checks.ts';
import { type Check, ok, problem, type Verdict, warning } from './finding.ts';

const MIB = 1024 ** 2;
const PROBLEM_BELOW_BYTES = 64 * MIB;
const WARNING_BELOW_BYTES = 1024 * MIB;
const WARNING_BELOW_INODES = 1000;
const REMEDY = 'Remove files, or move the directory to a larger file system.';

/** Free space and free inodes of each file system that the server writes to. */
export const spaceCheck: Check = {
  id: 'space',
  async inspect({ settings: { dataDir, rootDir, logDir } }) {
    const byDevice = new Map<number, string>();
    for (const directory of [dataDir, rootDir, logDir].map(existingParent)) {
      const { dev } = statSync(directory);
      byDevice.set(dev, byDevice.get(dev) ?? directory);
    }
    return [...byDevice.values()].flatMap(inspectFileSystem);
  },
};

function inspectFileSystem(directory: string): readonly Verdict[] {
  const { bavail, bsize, blocks, files, ffree } = statfsSync(directory);
  // /proc and its like are no place for files; the checks of directories say so.
  if (blocks === 0) return [];
  const freeBytes = bavail * bsize;
  const verdicts = [...bytesVerdict(directory, freeBytes)];
  // File systems such as Btrfs make inodes as they need them and report none.
  if (files > 0) verdicts.push(...inodesVerdict(directory, ffree));
  if (verdicts.length > 0) return verdicts;
  return [ok(`The file system of ${directory} has ${describeSize(freeBytes)} free.`)];
}

function* bytesVerdict(directory: string, freeBytes: number): Generator<Verdict> {
  const text = `The file system of ${directory} has only ${describeSize(freeBytes)} free.`;
  if (freeBytes < PROBLEM_BELOW_BYTES) yield problem(text, REMEDY);
  else if (freeBytes < WARNING_BELOW_BYTES) yield warning(text, REMEDY);
}

function* inodesVerdict(directory: string, free: number): Generator<Verdict> {
  if (free >= WARNING_BELOW_INODES) return;
  const text = `The file system of ${directory} has room for ${free} more files only (inodes).`;
  yield free === 0 ? problem(text, REMEDY) : warning(text, REMEDY);
}
