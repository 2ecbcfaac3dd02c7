import type { Stats } from 'node:fs';
import type { Account } from '../accounts/accounts.ts';
import { closeQuietly, lstat, removeDirectory, removeFile } from '../disk/disk.ts';
import { errnoOf } from '../disk/disk-errors.ts';
import type { FoundFile } from '../disk/file-scan.ts';
import { HeldDirectories } from '../disk/held-directories.ts';
import type { OldFilesPart } from '../disk/old-files-task.ts';
import type { OldestFilesFound } from '../disk/oldest-files-task.ts';
import { isWithin, parentOf, pathIn, type VirtualPath } from '../disk/virtual-path.ts';
import { FULL_ACCESS } from '../files/access.ts';
import { type Name, NameAccess } from '../files/name-access.ts';
import type { UserStorages } from '../files/user-storages.ts';
import type { WritableStorage } from '../uploads/user-storage.ts';
import type { WritableSpace } from '../uploads/writable-space.ts';
import type { Job } from '../workers/job.ts';
import type { TaskInput, TaskName, TaskPart } from '../workers/tasks.ts';
import type { WorkerPool } from '../workers/worker-pool.ts';
import type { RetentionRule } from './retention-rules.ts';

/** Errors of a path that has changed since it was found, or that leads through a symbolic link. */
const GONE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);

/** Errors of a directory that holds something, or is in use as a mount point. */
const NOT_EMPTY: ReadonlySet<string> = new Set(['ENOTEMPTY', 'EEXIST', 'EBUSY', ...GONE]);

/** Parts of the server that lead to the files of accounts. */
export interface TreeDeps {
  readonly storages: Pick<UserStorages, 'open'>;
  readonly workers: Pick<WorkerPool, 'start'>;
}

/** A file that a rule is about. */
export interface RetainedFile extends Omit<FoundFile, 'path'> {
  readonly path: VirtualPath;
}

/** The files of an account, as its rules find and delete them: with all rights, and through no symbolic link. */
export class AccountTree {
  readonly #storage: WritableStorage;
  readonly #workers: TreeDeps['workers'];
  readonly #directories: HeldDirectories;
  readonly #names: NameAccess;

  private constructor(storage: WritableStorage, workers: TreeDeps['workers']) {
    this.#storage = storage;
    this.#workers = workers;
    this.#directories = new HeldDirectories(storage.jail);
    const access = { current: FULL_ACCESS };
    this.#names = new NameAccess({ storage, directories: this.#directories, access });
  }

  /** @throws ClientError if its home is not available. */
  static async open(account: Account, { storages, workers }: TreeDeps): Promise<AccountTree> {
    const files = await storages.open({ ...account, access: undefined });
    files.close();
    return new AccountTree(files.requireWritable(), workers);
  }

  get space(): WritableSpace {
    return this.#storage.space;
  }

  /** Bytes that uploads can get before files are deleted for them by a rule. */
  roomBytes(): Promise<number> {
    return this.#storage.roomBytes();
  }

  close(): void {
    this.#directories.close();
  }

  /** The files of a rule that have not been changed since a time, in slices. */
  async *filesBefore(
    rule: RetentionRule,
    beforeMs: number,
    signal: AbortSignal,
  ): AsyncGenerator<OldFilesPart, void> {
    const scan = await this.#scan(rule, (path) =>
      this.#start('old-files', { path, excluded: rule.excluded, beforeMs }, signal),
    );
    if (scan === undefined) return;
    try {
      for (let part = await scan.job.take(); part !== undefined; part = await scan.job.take()) {
        yield part;
      }
    } finally {
      await scan.close();
    }
  }

  /** The oldest files of a rule. */
  async oldestFiles(rule: RetentionRule, count: number): Promise<OldestFilesFound> {
    const scan = await this.#scan(rule, (path) =>
      this.#start('oldest-files', { path, excluded: rule.excluded, count }),
    );
    try {
      return (await scan?.job.take()) ?? { files: [], totalFiles: 0, totalBytes: 0 };
    } finally {
      await scan?.close();
    }
  }

  /** Whether a file is being read or replaced, or an unfinished upload has a claim on its name. */
  isInUse({ path, ino }: Pick<RetainedFile, 'path' | 'ino'>): boolean {
    const { running, partials, reads } = this.space;
    return running.at(path).length > 0 || partials.find(path) !== undefined || reads.has(ino);
  }

  /**
   * Deletes a file for good, if it is the one that was found, unchanged and not in use. Its space is given back.
   *
   * @returns whether it has been deleted.
   */
  async deleteFile(file: RetainedFile): Promise<boolean> {
    return await this.#change(file.path, 'delete', GONE, async ({ entry }) => {
      const stats = await lstat(entry);
      if (stats === undefined || !isUnchanged(file, stats) || this.isInUse(file)) return false;
      await removeFile(entry, stats.size);
      this.space.refund(stats.size, 1);
      return true;
    });
  }

  /**
   * Removes a directory, and those above it as far as they are empty then, up to that of the rule, which stays.
   *
   * @param keptPath a name whose directories stay, too.
   * @returns the number of removed directories.
   */
  async removeEmpty(
    from: VirtualPath,
    { directory: top, shared }: RetentionRule,
    keptPath = top,
  ): Promise<number> {
    let removed = 0;
    for (let path = from; path.length > top.length; path = parentOf(path)) {
      if (isWithin(path, keptPath) || shared.includes(path)) break;
      if (!(await this.#removeDirectory(path))) break;
      removed += 1;
    }
    return removed;
  }

  async #removeDirectory(path: VirtualPath): Promise<boolean> {
    return await this.#change(path, 'rmdir', NOT_EMPTY, async ({ entry }) => {
      if (this.#isAwaited(path)) return false;
      await removeDirectory(entry);
      this.space.refund(0, 1);
      return true;
    });
  }

  /** An upload is going to put its file there. */
  #isAwaited(path: VirtualPath): boolean {
    const { running, partials } = this.space;
    const [partial] = partials.within(path);
    return partial !== undefined || running.findWithin(path) !== undefined;
  }

  /** @param absent errors that mean that there is nothing to be done. */
  async #change(
    path: VirtualPath,
    act: 'delete' | 'rmdir',
    absent: ReadonlySet<string>,
    task: (name: Name) => Promise<boolean>,
  ): Promise<boolean> {
    try {
      return await this.#names.change(path, act, async (name) =>
        name.place === path ? await task(name) : false,
      );
    } catch (error) {
      if (absent.has(errnoOf(error))) return false;
      throw error;
    }
  }

  /** Opens the directory of a rule and starts a job in it; undefined if there is none. */
  async #scan<Part>(
    { directory }: RetentionRule,
    start: (path: string) => Job<Part>,
  ): Promise<{ readonly job: Job<Part>; close(): Promise<void> } | undefined> {
    const held = await this.#storage.jail.holdDirectory(directory).catch((error: unknown) => {
      if (!GONE.has(errnoOf(error))) throw error;
    });
    if (held === undefined) return undefined;
    try {
      const isLinked = this.#storage.jail.nameOfHeld(held) !== directory;
      const job = isLinked ? undefined : start(`${held.entryPrefix}.`);
      if (job !== undefined) return { job, close: () => closeScan(job, held.descriptor) };
    } catch (error) {
      closeQuietly(held.descriptor);
      throw error;
    }
    closeQuietly(held.descriptor);
    return undefined;
  }

  #start<Task extends TaskName>(
    task: Task,
    input: TaskInput<Task>,
    signal?: AbortSignal,
  ): Job<TaskPart<Task>> {
    return this.#workers.start(task, input, { signal });
  }
}

/** The path of what a scan has found in the tree of the account. */
export function pathBelow({ directory }: RetentionRule, path: string): VirtualPath {
  return pathIn(directory, path);
}

async function closeScan(job: Job<unknown>, descriptor: number): Promise<void> {
  await job.cancel();
  closeQuietly(descriptor);
}

function isUnchanged(file: RetainedFile, stats: Stats): boolean {
  return stats.isFile() && stats.ino === file.ino && stats.ctimeMs === file.changedMs;
}
