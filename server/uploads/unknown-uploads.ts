import type { Stats } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ignoreMissing,
  lstat,
  makeDirectory,
  removeDirectory,
  rename,
  unlink,
} from '../disk/disk.ts';
import { inBatches } from '../scheduling/in-batches.ts';

/** Directory of the staging area, with one directory per account. Account directories have numbers as names. */
const UNKNOWN_DIRECTORY = 'unknown';

/** Age from which an unknown file goes: time enough to notice that a database was lost, and to bring it back. */
export const KEEP_UNKNOWN_DAYS = 30;
const KEEP_UNKNOWN_MS = KEEP_UNKNOWN_DAYS * 24 * 60 * 60 * 1000;

export interface UnknownFiles {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Staged uploads, or deleted files in the trash, that the database does not know. A crash leaves small ones; a database
 * that was lost, or restored from a backup, leaves many. They are kept where no account is charged for them, and go when
 * they are old.
 */
export class UnknownUploads {
  readonly directory: string;
  readonly what: 'unfinished uploads' | 'deleted files';
  readonly #stagingDir: string;
  /** Those that the last look has found too old: the clock may have been wrong then. */
  #tooOld = new Set<string>();

  constructor(stagingDir: string, what: UnknownUploads['what'] = 'unfinished uploads') {
    this.#stagingDir = stagingDir;
    this.what = what;
    this.directory = join(stagingDir, UNKNOWN_DIRECTORY);
  }

  /** Puts a file of an account's staging directory aside. */
  async putAside(account: string, name: string): Promise<void> {
    const directory = join(this.directory, account);
    await makeDirectory(directory, { recursive: true, mode: 0o700 });
    await rename(join(this.#stagingDir, account, name), join(directory, name), 0);
  }

  /**
   * Puts a file back that was put aside: the right database is back.
   *
   * @returns false if there is none.
   */
  async bringBack(account: string, name: string): Promise<boolean> {
    const aside = join(this.directory, account, name);
    if ((await lstat(aside)) === undefined) return false;
    const directory = join(this.#stagingDir, account);
    await makeDirectory(directory, { recursive: true, mode: 0o700 });
    await rename(aside, join(directory, name), 0);
    return true;
  }

  /** Counts them. */
  async measure(): Promise<UnknownFiles> {
    const found = { files: 0, bytes: 0 };
    for await (const { stats } of this.#all()) {
      found.files += 1;
      found.bytes += stats.size;
    }
    return found;
  }

  /** Removes uploads that were too old at this call and at the one before. Their change time is their age. */
  async removeOld(nowMs: number): Promise<UnknownFiles> {
    const removed = { files: 0, bytes: 0 };
    const tooOld = new Set<string>();
    for await (const { path, stats } of this.#all()) {
      if (nowMs - stats.ctimeMs < KEEP_UNKNOWN_MS) continue;
      if (!this.#tooOld.has(path)) {
        tooOld.add(path);
        continue;
      }
      if (!(await remove(path, stats))) continue;
      removed.files += 1;
      removed.bytes += stats.size;
    }
    this.#tooOld = tooOld;
    return removed;
  }

  async *#all() {
    for (const account of (await readdir(this.directory).catch(ignoreMissing)) ?? []) {
      const directory = join(this.directory, account);
      for await (const names of inBatches(await readdir(directory))) {
        for (const name of names) {
          const path = join(directory, name);
          const stats = await lstat(path);
          const isOurs = stats?.isFile() === true || this.what === 'deleted files';
          if (stats !== undefined && isOurs) yield { path, stats };
        }
      }
    }
  }
}

/** @returns false for a directory that is not empty. */
async function remove(path: string, stats: Stats): Promise<boolean> {
  if (stats.isDirectory()) {
    return removeDirectory(path).then(
      () => true,
      () => false,
    );
  }
  await unlink(path);
  return true;
}
