import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf, localFailure } from '../../local/local-failure.ts';
import { inChunks } from '../../scheduling/chunks.ts';
import type { Job, JobState } from './job.ts';
import { lineForChange, lineForJob, lineForRemoval, replay } from './journal-lines.ts';
import { JournalLock } from './journal-lock.ts';
import type { JobLog } from './queue-state.ts';

const ONLY_OWNER = 0o600;

const ONLY_OWNER_DIRECTORY = 0o700;

/** Progress of a file after which it is recorded again. */
const PROGRESS_STEP_BYTES = 16 * 1024 ** 2;

/** Ends of jobs that are so close together are made safe from a power cut together. */
const SYNC_DELAY_MS = 100;

const FINISHED: ReadonlySet<JobState> = new Set(['done', 'skipped', 'failed']);

const NOT_WORTH_A_LINE: ReadonlySet<JobState> = new Set(['running', 'checking', 'asking']);

/**
 * What is in the queue, on disk: one line for each change, so that the queue survives whatever ends the program,
 * at any octet. It holds paths and sizes, and no secrets.
 */
export class Journal implements JobLog {
  /** What an earlier run has left: jobs that wait, are paused or have failed. */
  readonly unfinished: readonly Job[];
  readonly #file: FileHandle;
  readonly #lock: JournalLock;
  readonly #notedBytes = new Map<string, number>();
  /** What is to be written, as lines: made when they are. */
  #lines: (() => string)[] = [];
  #syncTimer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #failure: unknown;

  private constructor(parts: { file: FileHandle; lock: JournalLock; unfinished: readonly Job[] }) {
    this.#file = parts.file;
    this.#lock = parts.lock;
    this.unfinished = parts.unfinished;
  }

  /**
   * Opens the journal, or the next one that is not in use: `path`, then `path.2` and so on. Unfinished jobs of unused
   * journals move into this one; the rest is forgotten.
   */
  static async open(path: string): Promise<Journal> {
    await mkdir(dirname(path), { recursive: true, mode: ONLY_OWNER_DIRECTORY });
    const lock = await JournalLock.take(path);
    try {
      const abandoned = await JournalLock.takeAbandoned(path);
      const unfinished: Job[] = [];
      for (const { path: one } of [lock, ...abandoned]) {
        for (const job of leftOver(await replay(await readIfThere(one)))) unfinished.push(job);
      }
      await writeAnew(lock.path, unfinished);
      for (const one of abandoned) {
        await unlink(one.path);
        await one.release();
      }
      const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW;
      return new Journal({ file: await open(lock.path, flags), lock, unfinished });
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** Why it could not be written, if so. Transfers go on without it. */
  get failure(): unknown {
    return this.#failure;
  }

  added(jobs: readonly Job[]): void {
    for (const job of jobs) this.#lines.push(() => lineForJob(job));
    this.#write();
  }

  changed(before: Job, after: Job): void {
    if (!this.#isWorthALine(before, after)) return;
    if (after.doneBytes > 0) this.#notedBytes.set(after.id, after.doneBytes);
    this.#lines.push(() => lineForChange(before, after));
    if (FINISHED.has(after.state)) {
      this.#syncSoon();
      this.#notedBytes.delete(after.id);
    }
    this.#write();
  }

  removed(id: string): void {
    this.#lines.push(() => lineForRemoval([id]));
    this.#write();
  }

  /** Resolves when everything so far is in the file. */
  async flush(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  async close(): Promise<void> {
    clearTimeout(this.#syncTimer);
    await this.flush();
    await this.#sync();
    await this.#file.close();
    await this.#lock.release();
  }

  /** That a job runs is of no use to the next run; that it has begun its target, and how far it is, is. */
  #isWorthALine(before: Job, after: Job): boolean {
    if (before.isBegun !== after.isBegun || before.to !== after.to) return true;
    if (before.sizeBytes !== after.sizeBytes || before.modifiedMs !== after.modifiedMs) return true;
    if (!NOT_WORTH_A_LINE.has(after.state)) return true;
    const notedBytes = this.#notedBytes.get(after.id) ?? 0;
    const isFirst = notedBytes === 0 && after.doneBytes > 0;
    return isFirst || Math.abs(after.doneBytes - notedBytes) >= PROGRESS_STEP_BYTES;
  }

  #write(): void {
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
      if (this.#lines.length > 0) this.#write();
    });
  }

  async #writeAll(): Promise<void> {
    // What happens in one turn of the event loop goes to the disk in one piece.
    await new Promise((resolve) => setImmediate(resolve));
    const lines = this.#lines;
    this.#lines = [];
    try {
      for await (const portion of inChunks(lines)) {
        await this.#file.appendFile(portion.map((line) => line()).join(''));
      }
    } catch (error) {
      this.#failure ??= localFailure(error, this.#lock.path);
    }
  }

  #syncSoon(): void {
    this.#syncTimer ??= setTimeout(() => {
      this.#syncTimer = undefined;
      void this.flush().then(() => this.#sync());
    }, SYNC_DELAY_MS).unref();
  }

  async #sync(): Promise<void> {
    await this.#file.datasync().catch(() => {});
  }
}

/**
 * Jobs that ran wait again. Files that are done stay as long as their directory is not: it is read again. Directories
 * that are done stay as long as jobs of them are left.
 */
function leftOver(jobs: ReadonlyMap<string, Job>): readonly Job[] {
  const isOver = (job: Job | undefined) => job?.state === 'done' || job?.state === 'skipped';
  const above = new Set<string>();
  for (const job of jobs.values()) {
    let id = isOver(job) ? undefined : job.parent;
    for (; id !== undefined && !above.has(id); id = jobs.get(id)?.parent) above.add(id);
  }
  return [...jobs.values()]
    .filter((job) => !isOver(job) || above.has(job.id) || isStillOpen(jobs.get(job.parent ?? '')))
    .map((job) => (NOT_WORTH_A_LINE.has(job.state) ? { ...job, state: 'waiting' } : job));
}

function isStillOpen(directory: Job | undefined): boolean {
  return directory !== undefined && !FINISHED.has(directory.state);
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, {
      encoding: 'utf8',
      flag: constants.O_RDONLY | constants.O_NOFOLLOW,
    });
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return '';
    throw error;
  }
}

async function writeAnew(path: string, jobs: readonly Job[]): Promise<void> {
  const fresh = `${path}.new`;
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
  const file = await open(fresh, flags, ONLY_OWNER);
  try {
    await file.chmod(ONLY_OWNER);
    for await (const portion of inChunks(jobs)) {
      await file.appendFile(portion.map(lineForJob).join(''));
    }
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
}
