import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { mkdir, readdir, realpath, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import type { HomeElsewhere } from '../../db/account-insertion.ts';
import type { AccountRepository } from '../../db/account-repository.ts';
import { isFolderAccount } from '../../db/folder-account.ts';
import type { CreationRules } from '../disk/creation-rules.ts';
import { ignoreMissing } from '../disk/disk.ts';
import { errnoOf } from '../disk/disk-errors.ts';
import { markHome } from '../disk/home-marker.ts';
import type { OwnerIds } from '../disk/ownership.ts';
import { STAGING_DIRECTORY } from '../disk/staging-directory.ts';
import { shellWord } from '../logging/shell-word.ts';
import { type DirectoryClaim, DirectoryClaims } from './directory-claims.ts';
import { applyRules } from './home-directories.ts';
import { homeOf } from './new-account.ts';

const MODE = 0o750;

/** A directory that cannot be the home of an account, as a sentence for the administrator. */
export class HomeRefusedError extends Error {}

interface Directories {
  readonly rootDir: string;
  readonly dataDir: string;
  readonly logDir: string;
}

interface WantedHome {
  readonly username: string;
  readonly path: string;
  /** Whether a directory that holds anything becomes the home. */
  readonly adoptsHome?: boolean | undefined;
}

/** A home that was made for an account. */
export interface CreatedHome {
  readonly home: HomeElsewhere;
  discard(): Promise<void>;
}

/** Homes that an administrator chooses outside of the root. No two accounts share files: both would be charged for them. */
export class ElsewhereHomes {
  readonly #accounts: Pick<AccountRepository, 'listElsewhere'>;
  readonly #directories: Directories;

  constructor(accounts: Pick<AccountRepository, 'listElsewhere'>, directories: Directories) {
    this.#accounts = accounts;
    this.#directories = directories;
  }

  /**
   * The real path of a directory that can be the home.
   *
   * @param homes of other accounts; undefined for those that exist.
   * @throws HomeRefusedError
   */
  async check(
    { username, path, adoptsHome = false }: WantedHome,
    homes?: DirectoryClaims,
  ): Promise<string> {
    if (!isAbsolute(path)) throw new HomeRefusedError(`${path} is not an absolute path.`);
    const home = await canonical(path);
    const taken =
      (homes ?? (await this.claims())).overlapping(home) ??
      (await this.#serverDirectories(username, home)).overlapping(home);
    if (taken !== undefined) throw overlapping(home, taken, username);
    const entries = await entriesOf(home);
    if (entries !== undefined && entries.length > 0 && !adoptsHome) {
      throw new HomeRefusedError(
        `${home} is not empty. Add --adopt to give the account what it holds.`,
      );
    }
    return home;
  }

  /** The homes of all accounts that are outside of the root. */
  async claims(): Promise<DirectoryClaims> {
    const claims = new DirectoryClaims();
    for (const { home, username } of await this.#accounts.listElsewhere()) {
      claims.add({ directory: home, holder: `the home of ${username}`, username });
    }
    return claims;
  }

  /**
   * Makes a directory that {@link check} has accepted a home. Root creates it for the owner of the data directory.
   *
   * @returns what the account is to remember, and what undoes it if the account cannot be created.
   */
  async create(path: string, rules: CreationRules): Promise<CreatedHome> {
    const isNew = (await entriesOf(path)) === undefined;
    const home = { path, id: randomUUID() };
    try {
      if (isNew) await this.#makeDirectory(path, rules);
      markHome(path, home.id, this.#serverUser());
    } catch (error) {
      const reason = errnoOf(error) || String(error);
      throw new HomeRefusedError(`${path} cannot be made a home (${reason}).`, { cause: error });
    }
    return {
      home,
      async discard() {
        await rm(join(path, STAGING_DIRECTORY), { recursive: true, force: true });
        if (isNew) await rmdir(path);
      },
    };
  }

  async #makeDirectory(path: string, rules: CreationRules): Promise<void> {
    await mkdir(path, { mode: MODE });
    const user = process.geteuid?.() === 0 ? this.#serverUser() : undefined;
    await applyRules(path, { ...rules, owner: rules.owner ?? user });
  }

  /** The data directory belongs to the user that the server runs as. */
  #serverUser(): OwnerIds {
    const { uid, gid } = statSync(this.#directories.dataDir);
    return { uid, gid };
  }

  /** Directories that a home may neither hold nor lie in. */
  async #serverDirectories(username: string, home: string): Promise<DirectoryClaims> {
    const claims = new DirectoryClaims();
    const { rootDir, dataDir, logDir } = this.#directories;
    const root = await canonical(rootDir);
    // A file system may be mounted where the account would have its home anyway.
    if (home === join(root, homeOf(username))) return claims;
    for (const [path, holder] of [
      [rootDir, 'which holds the other homes'],
      [dataDir, 'the data directory of the server'],
      [logDir, 'the log directory of the server'],
    ] as const) {
      claims.add({ directory: await canonical(path), holder });
    }
    return claims;
  }
}

/** The path without symbolic links; only its last component may be missing. */
async function canonical(path: string): Promise<string> {
  const real = await realpath(path).catch(ignoreMissing);
  if (real !== undefined) return real;
  const parent = await realpath(dirname(path)).catch(ignoreMissing);
  if (parent === undefined) throw new HomeRefusedError(`${dirname(path)} does not exist.`);
  return join(parent, basename(path));
}

/** Names in a directory; undefined if it does not exist. @throws HomeRefusedError if it is something else. */
async function entriesOf(path: string): Promise<readonly string[] | undefined> {
  try {
    return (await readdir(path).catch(ignoreMissing)) ?? undefined;
  } catch (error) {
    const reason = errnoOf(error);
    if (reason === 'ENOTDIR') throw new HomeRefusedError(`${path} is not a directory.`);
    throw new HomeRefusedError(`${path} cannot be read (${reason}).`);
  }
}

function overlapping(home: string, taken: DirectoryClaim, username: string): HomeRefusedError {
  const { directory, holder } = taken;
  return new HomeRefusedError(
    `${home} and ${directory}, ${holder}, have files in common. Each account needs a home of its own.${sharing(home, taken, username)}`,
  );
}

/** How another account can use a directory in the home of an account. */
function sharing(home: string, { directory, username: owner }: DirectoryClaim, username: string) {
  const below = relative(directory, home);
  if (owner === undefined || isFolderAccount(owner) || below.startsWith('..')) return '';
  const add = `myftp-server folder add <folder> --owner ${owner} --directory ${shellWord(`/${below}`)}`;
  return ` To share these files, add ${username} without this home, then: ${add} && myftp-server folder share <folder> ${username} --at /<folder>`;
}
