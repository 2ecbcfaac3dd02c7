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
 * A home belongs to the account that it was created for. What an administrator has put below the root, and what another account
 * has left, must not pass to a stranger who signs up with that name; and a symbolic link would lead the account out of the root.
 */
export class HomeDirectories {
  readonly #rootDir: string;

  constructor(rootDir: string) {
    this.#rootDir = rootDir;
  }

  pathOf(home: string): string {
    return join(this.#rootDir, home);
  }

  /** Whether anything has the name of the home, also a file or a link that leads nowhere. */
  async exists(home: string): Promise<boolean> {
    return (await this.#stats(home)) !== undefined;
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
   * Makes sure that an account has its home, which somebody may have removed from the disk.
   *
   * @returns its path.
   * @throws FileUnavailableError if something else has its name.
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
