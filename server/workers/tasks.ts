import type { checksumTask } from '../checksums/checksum-task.ts';
import type { growingChecksumTask } from '../checksums/growing-checksum-task.ts';
import type { longestPathTask } from '../disk/longest-path.ts';
import type { oldFilesTask } from '../disk/old-files-task.ts';
import type { oldestFilesTask } from '../disk/oldest-files-task.ts';
import type { treeSizeTask } from '../disk/tree-size-task.ts';
import type { listingBlocksTask, listingTask } from '../listing/listing-task.ts';
import { meansOutOfFiles } from './job.ts';
import type { WorkerWarning } from './messages.ts';
import type { AWAIT_NEWS, Task, TaskTable } from './task-runner.ts';

/** Everything that worker threads can do. */
interface Tasks {
  readonly checksum: typeof checksumTask;
  readonly 'growing-checksum': typeof growingChecksumTask;
  readonly listing: typeof listingTask;
  readonly 'listing-blocks': typeof listingBlocksTask;
  readonly 'longest-path': typeof longestPathTask;
  readonly 'old-files': typeof oldFilesTask;
  readonly 'oldest-files': typeof oldestFilesTask;
  readonly 'tree-size': typeof treeSizeTask;
}

export type TaskName = keyof Tasks;

/** Input of a task. */
export type TaskInput<Name extends TaskName> = Parameters<Tasks[Name]>[0];

/** Output of a task, one or more times. */
export type TaskPart<Name extends TaskName> =
  ReturnType<Tasks[Name]> extends Generator<infer Part, infer Last>
    ? Exclude<Part | Last, undefined | typeof AWAIT_NEWS>
    : never;

/** Each task by itself: one that cannot be loaded leaves the others alone. */
const LOADERS: { readonly [Name in TaskName]: () => Promise<Tasks[Name]> } = {
  checksum: async () => (await import('../checksums/checksum-task.ts')).checksumTask,
  'growing-checksum': async () =>
    (await import('../checksums/growing-checksum-task.ts')).growingChecksumTask,
  listing: async () => (await import('../listing/listing-task.ts')).listingTask,
  'listing-blocks': async () => (await import('../listing/listing-task.ts')).listingBlocksTask,
  'longest-path': async () => (await import('../disk/longest-path.ts')).longestPathTask,
  'old-files': async () => (await import('../disk/old-files-task.ts')).oldFilesTask,
  'oldest-files': async () => (await import('../disk/oldest-files-task.ts')).oldestFilesTask,
  'tree-size': async () => (await import('../disk/tree-size-task.ts')).treeSizeTask,
};

export interface LoadedTasks {
  readonly tasks: TaskTable;
  readonly warnings: readonly WorkerWarning[];
}

/**
 * Loads the tasks. Jobs of a task that cannot be loaded fail with the reason.
 *
 * @throws if the process has too many files open: that passes, and the next thread loads all tasks.
 */
export async function loadTasks(): Promise<LoadedTasks> {
  const tasks: Record<string, TaskTable[string]> = {};
  const warnings: WorkerWarning[] = [];
  for (const [name, load] of Object.entries(LOADERS)) {
    try {
      tasks[name] = await load();
    } catch (error) {
      if (meansOutOfFiles(error)) throw error;
      tasks[name] = failing(error);
      const reason = `${name}: ${error instanceof Error ? error.message : error}`;
      warnings.push({ message: 'task of the worker threads cannot be loaded', reason });
    }
  }
  const { statxProblem } = await import('../listing/entry-facts.ts').catch(() => NO_LISTINGS);
  if (statxProblem !== undefined) {
    const message = 'koffi or statx cannot be used; listings use lstat, which is slower';
    warnings.push({ message, reason: statxProblem });
  }
  return { tasks, warnings };
}

const NO_LISTINGS = { statxProblem: undefined };

function failing(error: unknown): Task<unknown, undefined> {
  // biome-ignore lint/correctness/useYield: it fails before it could produce anything.
  return function* () {
    throw error;
  };
}
