import { opendirSync } from 'node:fs';
import { runInSlices, SliceClock } from '../scheduling/slice-clock.ts';
import type { ByteName } from '../system/byte-name.ts';
import type { Task } from '../workers/task-runner.ts';
import { type VisitedDirectory, walkTree } from './tree-walk.ts';

const READ_ENTRIES = 1024;

/**
 * Bytes of the longest path below a directory, seen from it and with the slash in front; 0 if the directory is empty
 * or is none. Subdirectories that cannot be read count with their own names.
 */
function* longestPath(topPath: string): Generator<undefined, number> {
  const clock = new SliceClock();
  let longestBytes = 0;
  yield* walkTree(topPath, function* (directory) {
    const reading = new NameReading(directory);
    yield* reading.run(clock);
    longestBytes = Math.max(longestBytes, reading.longestBytes);
    if (clock.isOver()) yield* clock.nextSlice();
    return reading.subdirectories;
  });
  return longestBytes;
}

/** {@link longestPath} on the event loop. */
export function longestPathHere(topPath: string): Promise<number> {
  return runInSlices(longestPath(topPath));
}

/** {@link longestPath} in a worker thread. */
export const longestPathTask: Task<{ readonly path: string }, number> = function* ({ path }) {
  return yield* longestPath(path);
};

class NameReading {
  readonly subdirectories: ByteName[] = [];
  longestBytes = 0;
  readonly #directory: VisitedDirectory;

  constructor(directory: VisitedDirectory) {
    this.#directory = directory;
  }

  *run(clock: SliceClock): Generator<undefined, void> {
    try {
      yield* this.#read(clock);
    } catch (error) {
      this.#directory.onUnread(error);
    }
  }

  *#read(clock: SliceClock): Generator<undefined, void> {
    const { descriptor, pathBytes } = this.#directory;
    const path = `/proc/self/fd/${descriptor}`;
    const entries = opendirSync(path, { encoding: 'latin1', bufferSize: READ_ENTRIES });
    try {
      for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
        this.longestBytes = Math.max(this.longestBytes, pathBytes + 1 + entry.name.length);
        if (entry.isDirectory()) this.subdirectories.push(entry.name);
        if (clock.isOver()) yield* clock.nextSlice();
      }
    } finally {
      entries.closeSync();
    }
  }
}
