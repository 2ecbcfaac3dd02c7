import type { Stats } from 'node:fs';
import { lstat, mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ignoreMissing } from '../disk/disk.ts';
import { giveToOwnerAbove, makeDirectory } from '../disk/make-directory.ts';
import { FileUnavailableError } from '../errors/errors.ts';

const MODE = 0o750;

/**
 * The directories of the accounts, each directly below the root.
 *
 * A home belongs to the account that it was created for. Files of an administrator or of a removed account must not
 * pass to a stranger who signs up with that name, and a symbolic link would lead the account out of the root.
 */
export class HomeDirectories {
  readonly #rootDir: string;

  constructor(rootDir: string) {
    this.#rootDir = rootDir;
  }

  pathOf(home: string): string {
    return join(this.#rootDir, home);
  }

  /** Whether the name of the home is taken, also by a file or a dangling link. */
  async exists(home: string): Promise<boolean> {
    return (await this.#stats(home)) !== undefined;
  }

  /** Whether the name of the home is taken by something that cannot be a home. */
  async isObstructed(home: string): Promise<boolean> {
    return (await this.#stats(home))?.isDirectory() === false;
  }

  /** Creates a home. `exists` if the name is in use; then nothing has changed. */
  async create(home: string): Promise<'created' | 'exists'> {
    makeDirectory(this.#rootDir);
    try {
      await mkdir(this.pathOf(home), { mode: MODE });
      giveToOwnerAbove(this.pathOf(home));
      return 'created';
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return 'exists';
      throw error;
    }
  }

  /** Removes a home that {@link create} has made for an account that then could not be created. */
  async discard(home: string): Promise<void> {
    await rmdir(this.pathOf(home));
  }

  /**
   * Creates the account's home if it has been removed from the disk.
   *
   * @returns its path.
   * @throws FileUnavailableError if another file has its name.
   */
  async ensure(home: string): Promise<string> {
    const isCreated = (await this.create(home)) === 'created';
    if (!isCreated && !(await this.#stats(home))?.isDirectory()) {
      throw new FileUnavailableError('The home directory of this account is not a directory.');
    }
    return this.pathOf(home);
  }

  async #stats(home: string): Promise<Stats | undefined> {
    return (await lstat(this.pathOf(home)).catch(ignoreMissing)) ?? undefined;
  }
}
