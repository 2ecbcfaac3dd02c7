import { stat } from 'node:fs/promises';
import type { AccountRepository } from '../../db/account-repository.ts';
import type { AccountRecord } from '../../db/account-row.ts';
import { accountNameOf, isFolderAccount } from '../../db/folder-account.ts';
import {
  type Folder,
  FolderExistsError,
  type FolderRepository,
  type FolderShare,
  MountExistsError,
  type ShareHolder,
} from '../../db/folder-repository.ts';
import type { GroupRepository } from '../../db/group-repository.ts';
import { creationRules, NO_RULES } from '../disk/creation-rules.ts';
import { realPath } from '../disk/disk.ts';
import { homePathOf } from '../disk/home-place.ts';
import { ROOT, type VirtualPath } from '../disk/virtual-path.ts';
import { FolderError } from '../errors/folder-errors.ts';
import { entryLimitOf } from '../quota/unlimited.ts';
import { parsePrefix } from '../rights/rights-rules.ts';
import type { ElsewhereHomes } from './elsewhere-homes.ts';
import type { HomeDirectories } from './home-directories.ts';
import type { NewAccountDefaults } from './new-account.ts';

const NAME = /^[a-z0-9_][a-z0-9._-]{0,31}$/;

/** Starts the name of a group where that of an account could be meant. */
const GROUP_SIGN = '%';

/** No password has this hash. */
const NO_PASSWORD = '';

interface SharedFoldersDeps {
  readonly folders: FolderRepository;
  readonly accounts: AccountRepository;
  readonly groups: GroupRepository;
  readonly homes: HomeDirectories;
  readonly elsewhere: ElsewhereHomes;
  readonly rootDir: string;
  readonly defaults: Omit<NewAccountDefaults, 'passwords'>;
}

/** A folder that is charged to itself. */
interface OwnFolder {
  readonly name: string;
  /** Directory outside of the root; the folder gets one in the root if it is left out. */
  readonly path: string | undefined;
}

/** A directory of an account, which stays charged for it. */
interface DirectoryOfAccount {
  readonly name: string;
  readonly username: string;
  /** In the tree of that account. */
  readonly directory: string;
}

/** Where a holder sees a folder now, and where before if it did. */
interface SharedAt {
  readonly path: string;
  readonly formerPath: string | undefined;
}

/** A folder with who sees it, and what the account uses that is charged for it. */
export interface FolderDetails extends Folder {
  readonly account: AccountRecord;
  readonly shares: readonly FolderShare[];
}

/** Shared folders as an administrator manages them. */
export class SharedFolders {
  readonly #deps: SharedFoldersDeps;

  constructor(deps: SharedFoldersDeps) {
    this.#deps = deps;
  }

  /**
   * Adds a folder with a quota of its own.
   *
   * @returns the account that is charged for what it holds; it is not charged yet.
   * @throws FolderError, HomeRefusedError
   */
  async add({ name, path }: OwnFolder): Promise<AccountRecord> {
    const { accounts, elsewhere, homes, defaults } = this.#deps;
    const folder = await this.#newName(name);
    const username = accountNameOf(folder);
    const rules = creationRules(NO_RULES, defaults.creation);
    const home =
      path === undefined ? undefined : await elsewhere.check({ username, path, adoptsHome: true });
    const created = home === undefined ? undefined : await elsewhere.create(home, rules);
    if (created === undefined) await homes.prepare(username, rules);
    const accountId = await accounts
      .create({
        ...{ username, home: username, passwordHash: NO_PASSWORD, createdAtMs: defaults.now() },
        limitBytes: defaults.quotaBytes,
        limitEntries: entryLimitOf(defaults.maxFiles),
        homeElsewhere: created?.home,
      })
      .catch(async (error: unknown) => {
        await created?.discard();
        throw error;
      });
    await accounts.disable(accountId);
    await this.#insert({ name: folder, accountId, directory: ROOT });
    return await this.#accountOf(accountId);
  }

  /** @throws FolderError */
  async addDirectoryOf({ name, username, directory }: DirectoryOfAccount): Promise<void> {
    const folder = await this.#newName(name);
    const account = await this.#deps.accounts.findByUsername(username);
    if (account === undefined || isFolderAccount(account.username)) {
      throw new FolderError(`No such account: "${username}".`);
    }
    const path = parsePrefix(directory);
    await this.#requireDirectory(account, path);
    await this.#insert({ name: folder, accountId: account.id, directory: path });
  }

  /** All folders in the order of their names. */
  async list(): Promise<readonly FolderDetails[]> {
    const { folders } = this.#deps;
    const shares = await folders.shares();
    const details: FolderDetails[] = [];
    for (const folder of await folders.list()) {
      const account = await this.#accountOf(folder.accountId);
      const own = shares.filter(({ folderId }) => folderId === folder.id);
      details.push({ ...folder, account, shares: own });
    }
    return details;
  }

  /**
   * Shows a folder in the tree of an account, or of all accounts of a group (`%group`), in one place of each tree.
   *
   * @throws FolderError
   */
  async share(
    name: string,
    holder: string,
    { at, isReadOnly }: { readonly at: string; readonly isReadOnly: boolean },
  ): Promise<SharedAt> {
    const folder = await this.#find(name);
    const path = parsePrefix(at);
    if (path === ROOT)
      throw new FolderError('--at /: a folder needs a name in the tree, such as /team.');
    const shares = (await this.#deps.folders.shares()).filter(
      ({ folderId }) => folderId === folder.id,
    );
    const former = shares.find((share) => holderOf(share).toLowerCase() === holder.toLowerCase());
    try {
      await this.#deps.folders.share(folder.id, await this.#holder(holder), { path, isReadOnly });
      return { path, formerPath: former?.path };
    } catch (error) {
      if (!(error instanceof MountExistsError)) throw error;
      throw new FolderError(`--at ${path}: ${holder} sees another folder there.`);
    }
  }

  /** @throws FolderError */
  async unshare(name: string, holder: string): Promise<void> {
    const folder = await this.#find(name);
    if (await this.#deps.folders.unshare(folder.id, await this.#holder(holder))) return;
    throw new FolderError(`The folder "${folder.name}" is not shared with ${holder}.`);
  }

  /**
   * Removes a folder from all trees. Its files stay.
   *
   * @returns the account that was charged for it and is removed with it; undefined if the folder was a directory of another account.
   * @throws FolderError
   */
  async remove(name: string): Promise<AccountRecord | undefined> {
    const { folders, accounts, defaults } = this.#deps;
    const folder = await this.#find(name);
    const account = await this.#accountOf(folder.accountId);
    await folders.remove(folder.id);
    if (!isFolderAccount(account.username)) return undefined;
    await accounts.remove(account.id, defaults.now());
    return account;
  }

  /** @throws FolderError if the account is charged for a folder that others see. */
  async requireNoneOf({ id, username }: Pick<AccountRecord, 'id' | 'username'>): Promise<void> {
    const [name] = await this.#deps.folders.namesOf(id);
    if (name === undefined) return;
    throw new FolderError(
      `The files of ${username} are shared as the folder "${name}"; remove it first: folder remove ${name}.`,
    );
  }

  async #newName(name: string): Promise<string> {
    const folded = name.toLowerCase();
    if (!NAME.test(folded)) {
      throw new FolderError(
        `Folder ${JSON.stringify(name)}: expected 1 to 32 of a-z 0-9 . _ - not starting with a dot or dash.`,
      );
    }
    if ((await this.#deps.folders.find(folded)) !== undefined) throw folderExists(folded);
    return folded;
  }

  async #insert(folder: Parameters<FolderRepository['add']>[0]): Promise<void> {
    await this.#deps.folders.add(folder).catch((error: unknown) => {
      throw error instanceof FolderExistsError ? folderExists(folder.name) : error;
    });
  }

  /** Symbolic links in the path would lead out of the folder. */
  async #requireDirectory(account: AccountRecord, directory: VirtualPath): Promise<void> {
    const home = await realPath(homePathOf(this.#deps.rootDir, account.home)).catch(() => '');
    const wanted = directory === ROOT ? home : `${home}${directory}`;
    const stats = await stat(wanted).catch(() => undefined);
    const isReal = stats?.isDirectory() === true && (await realPath(wanted)) === wanted;
    if (isReal) return;
    throw new FolderError(
      `--directory ${directory}: expected a directory of ${account.username}, named without symbolic links.`,
    );
  }

  async #find(name: string): Promise<Folder> {
    const folder = await this.#deps.folders.find(name.toLowerCase());
    if (folder === undefined) throw new FolderError(`No such folder: "${name}".`);
    return folder;
  }

  async #accountOf(id: number): Promise<AccountRecord> {
    const account = await this.#deps.accounts.findById(id);
    if (account === undefined) throw new FolderError('The account of the folder has been removed.');
    return account;
  }

  async #holder(name: string): Promise<ShareHolder> {
    const { accounts, groups } = this.#deps;
    if (name.startsWith(GROUP_SIGN)) {
      const group = await groups.find(name.slice(GROUP_SIGN.length).toLowerCase());
      if (group === undefined) throw new FolderError(`No such group: "${name}".`);
      return { groupId: group.id };
    }
    const account = await accounts.findByUsername(name);
    if (account === undefined || isFolderAccount(account.username)) {
      throw new FolderError(`No such account: "${name}".`);
    }
    return { accountId: account.id };
  }
}

function folderExists(name: string): FolderError {
  return new FolderError(`There is a folder "${name}" already.`);
}

/** Where the files of a folder lie on the disk. */
export function folderPathOf(rootDir: string, { account, directory }: FolderDetails): string {
  const home = homePathOf(rootDir, account.home);
  return directory === ROOT ? home : `${home}${directory}`;
}

/** The account, or the group with its sign, that sees a folder. */
export function holderOf({ account, group }: Pick<FolderShare, 'account' | 'group'>): string {
  return account ?? `${GROUP_SIGN}${group}`;
}
