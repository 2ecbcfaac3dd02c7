import { checksumTask } from '../files/checksum-task.ts';
import { growingChecksumTask } from '../files/growing-checksum-task.ts';
import { listingBlocksTask, listingTask } from '../listing/listing-task.ts';
import type { AWAIT_NEWS, TaskTable } from './task-runner.ts';

/** Everything that worker threads can do. */
export const TASKS = {
  checksum: checksumTask,
  'growing-checksum': growingChecksumTask,
  listing: listingTask,
  'listing-blocks': listingBlocksTask,
} satisfies TaskTable;

export type TaskName = keyof typeof TASKS;

/** What a task is told. */
export type TaskInput<Name extends TaskName> = Parameters<(typeof TASKS)[Name]>[0];

/** What a task produces, one or more times. */
export type TaskPart<Name extends TaskName> =
  ReturnType<(typeof TASKS)[Name]> extends Generator<infer Part, infer Last>
    ? Exclude<Part | Last, undefined | typeof AWAIT_NEWS>
    : never;
