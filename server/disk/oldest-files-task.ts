import type { Task } from '../workers/task-runner.ts';
import { type FoundFile, NOTHING_UNREAD, scanFiles } from './file-scan.ts';

interface OldestFilesInput {
  readonly path: string;
  readonly excluded: readonly string[];
  /** Files to be found at most. */
  readonly count: number;
}

/** The oldest files of a tree, and how many it has. */
export interface OldestFilesFound {
  /** The oldest first. */
  readonly files: readonly FoundFile[];
  readonly totalFiles: number;
  readonly totalBytes: number;
}

/** Finds the plain files that have not been changed for longest. */
export const oldestFilesTask: Task<OldestFilesInput, OldestFilesFound> = function* (input) {
  let files: FoundFile[] = [];
  let [totalFiles, totalBytes] = [0, 0];
  const slices = scanFiles({
    ...{ topPath: input.path, excluded: input.excluded },
    onFile(file) {
      totalFiles += 1;
      totalBytes += file.sizeBytes;
      files.push(file);
      // Twice the number, so that sorting costs little for each file.
      if (files.length >= 2 * input.count) files = oldestOf(files, input.count);
    },
    onEmptyDirectory() {},
  });
  try {
    while (slices.next().done !== true) yield undefined;
  } finally {
    slices.return(NOTHING_UNREAD);
  }
  return { files: oldestOf(files, input.count), totalFiles, totalBytes };
};

function oldestOf(files: FoundFile[], count: number): FoundFile[] {
  return files.sort(byAge).slice(0, count);
}

/** Files that have changed at the same moment, as far as the file system tells, are taken by name. */
function byAge(one: FoundFile, other: FoundFile): number {
  const { changedMs, modifiedMs, path } = one;
  const difference = changedMs - other.changedMs || modifiedMs - other.modifiedMs;
  if (difference !== 0) return difference;
  return path < other.path ? -1 : 1;
}
