import { constants, type Stats } from 'node:fs';
import { lstat, mkdir, open, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CreationRules } from '../disk/creation-rules.ts';
import { ignoreMissing } from '../disk/disk.ts';
import { giveToOwnerAbove, makeDirectory } from '../disk/make-directory.ts';
import { changeMode, giveTo, mayGiveTo } from '../disk/ownership.ts';
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

  /**
   * Creates a home with the mode and owner of the account. `exists` if the name is in use; then nothing has changed.
   *
   * @throws FileUnavailableError if it cannot be given to that owner; then nothing has changed, too.
   */
  async create(home: string, rules: CreationRules): Promise<'created' | 'exists'> {
    makeDirectory(this.#rootDir);
    const path = this.pathOf(home);
    try {
      await mkdir(path, { mode: MODE });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return 'exists';
      throw error;
    }
    await applyRules(path, rules).catch(async (error: unknown) => {
      await this.discard(home);
      throw error;
    });
    return 'created';
  }

  /** Removes a home that {@link create} has made for an account that then could not be created. */
  async discard(home: string): Promise<void> {
    await rmdir(this.pathOf(home));
  }

  /**
   * Creates the account's home if it has been removed from the disk.
   *
   * @returns its path.
   * @throws FileUnavailableError if another file has its name, or it cannot be given to its owner.
   */
  async ensure(home: string, rules: CreationRules): Promise<string> {
    const isCreated = (await this.create(home, rules)) === 'created';
    if (!isCreated && !(await this.#stats(home))?.isDirectory()) {
      throw new FileUnavailableError('The home directory of this account is not a directory.');
    }
    return this.pathOf(home);
  }

  /** The same, if this process may give it to the owner of the account. Otherwise the server creates it at a login. */
  async prepare(home: string, rules: CreationRules): Promise<void> {
    if (rules.owner === undefined || mayGiveTo(rules.owner)) await this.ensure(home, rules);
  }

  async #stats(home: string): Promise<Stats | undefined> {
    return (await lstat(this.pathOf(home)).catch(ignoreMissing)) ?? undefined;
  }
}

async function applyRules(path: string, { directoryMode, owner }: CreationRules): Promise<void> {
  if (owner === undefined) giveToOwnerAbove(path);
  if (owner === undefined && directoryMode === undefined) return;
  const directory = await open(path, constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    if (owner !== undefined) giveTo(directory.fd, { uid: owner.uid, gid: owner.gid ?? -1 });
    if (directoryMode !== undefined) changeMode(directory.fd, directoryMode);
  } finally {
    await directory.close();
  }
}
