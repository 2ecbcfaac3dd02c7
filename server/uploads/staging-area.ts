import { randomUUID } from 'node:crypto';
import { fstatSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory } from '../disk/disk.ts';
import { errnoOf } from '../disk/disk-errors.ts';
import type { Attributes } from '../disk/ownership.ts';
import { memberPathIn } from './member-directory.ts';
import type { PartialUpload } from './partial-upload.ts';

export interface StagingPlace {
  /** Directory of the account's partials, on the file system of its home. */
  readonly stagingPath: string;
  /** Id of this process among the members. */
  readonly memberId: string;
  /** Whether the staging path is in a home that is elsewhere. */
  readonly isElsewhere?: boolean;
}

/** A file in a staging area. */
type StagedFile = Pick<PartialUpload, 'id' | 'diskPath'>;

/**
 * The staging area of an account as one process sees it: the partials, which all members share, and a directory of its own
 * for the uploads that it runs.
 */
export class StagingArea {
  readonly partialsPath: string;
  /** No other process touches what is in here while this one lives. */
  readonly runningPath: string;
  readonly #isElsewhere: boolean;
  #isMade = false;
  #attributes: Attributes | undefined;

  constructor({ stagingPath, memberId, isElsewhere = false }: StagingPlace) {
    this.partialsPath = stagingPath;
    this.runningPath = memberPathIn(stagingPath, memberId);
    this.#isElsewhere = isElsewhere;
  }

  /** A place for a new upload, on the disk of the account and outside its tree. */
  async newFile(): Promise<StagedFile> {
    if (!this.#isMade) await this.make();
    const id = randomUUID();
    return { id, diskPath: join(this.runningPath, id) };
  }

  /** Makes its directories, once. */
  async make(): Promise<void> {
    if (this.#isMade) return;
    // In a home that is elsewhere, the directory above exists while its file system is mounted.
    const recursive = !this.#isElsewhere;
    await ignoreExisting(makeDirectory(this.partialsPath, { recursive, mode: 0o700 }));
    await ignoreExisting(makeDirectory(this.runningPath, { mode: 0o700 }));
    this.#isMade = true;
  }

  /**
   * Moves a partial to the uploads that run. This and {@link keep} do not yield, so that no session or recount sees the file
   * in one place and its record in the other.
   *
   * @returns its path from now on.
   */
  take({ id, diskPath }: StagedFile): string {
    const runningPath = join(this.runningPath, id);
    renameSync(diskPath, runningPath);
    return runningPath;
  }

  /**
   * Moves an upload to the partials. If that fails, as it may where the disk is full, the next start does it.
   *
   * @returns its path from now on; undefined if it is gone, because this process counts as dead.
   */
  keep({ id, diskPath }: StagedFile): string | undefined {
    const keptPath = join(this.partialsPath, id);
    try {
      renameSync(diskPath, keptPath);
    } catch (error) {
      return errnoOf(error) === 'ENOENT' ? undefined : diskPath;
    }
    return keptPath;
  }

  /** Mode and owner that the system gives to new staging files. @param descriptor of one that has just been made. */
  attributes(descriptor: number): Attributes {
    this.#attributes ??= fstatSync(descriptor);
    return this.#attributes;
  }
}

async function ignoreExisting(making: Promise<unknown>): Promise<void> {
  try {
    await making;
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
}
