import type { Task } from '../workers/task-runner.ts';
import { type FoundFile, NOTHING_UNREAD, scanFiles } from './file-scan.ts';

/** The tree, and the time since which files in it must not have changed. */
interface OldFilesInput {
  readonly path: string;
  readonly excluded: readonly string[];
  readonly beforeMs: number;
}

/** What a slice has found. */
export interface OldFilesPart {
  readonly files: readonly FoundFile[];
  /** Paths of directories that are empty, and have been for as long. */
  readonly emptyDirectories: readonly string[];
  /** Directories that could not be read; 0 before the last part. */
  readonly unreadDirectories: number;
}

/** Finds the plain files that have not been changed since a time, and directories that have been empty since then. */
export const oldFilesTask: Task<OldFilesInput, OldFilesPart> = function* (input) {
  let files: FoundFile[] = [];
  let emptyDirectories: string[] = [];
  const take = (unreadDirectories: number): OldFilesPart => {
    const part = { files, emptyDirectories, unreadDirectories };
    [files, emptyDirectories] = [[], []];
    return part;
  };
  const slices = scanFiles({
    ...{ topPath: input.path, excluded: input.excluded },
    onFile(file) {
      if (file.changedMs < input.beforeMs) files.push(file);
    },
    onEmptyDirectory(path, { ctimeMs }) {
      if (ctimeMs < input.beforeMs) emptyDirectories.push(path);
    },
  });
  try {
    for (let slice = slices.next(); ; slice = slices.next()) {
      if (slice.done === true) return take(slice.value.count);
      yield files.length + emptyDirectories.length > 0 ? take(0) : undefined;
    }
  } finally {
    slices.return(NOTHING_UNREAD);
  }
};
