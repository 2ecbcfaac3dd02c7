import { join } from 'node:path';
import type { AccountRepository } from '../../db/account-repository.ts';
import type { AccountRecord } from '../../db/account-row.ts';
import type { FolderMount } from '../../db/folder-mount.ts';
import type { HomeDirectories } from '../accounts/home-directories.ts';

interface Deps {
  readonly accounts: Pick<AccountRepository, 'findByUsername' | 'findById'>;
  readonly homes: Pick<HomeDirectories, 'pathOf'>;
}

/** Where the files of accounts lie on the disk, for programs; undefined for guests. */
export function filesOnDisk({ accounts, homes }: Deps) {
  return async (username: string, pathname: string): Promise<string | undefined> => {
    const account = await accounts.findByUsername(username);
    if (account === undefined) return undefined;
    const folder = folderOf(account, pathname);
    if (folder === undefined) return join(homes.pathOf(account.home), pathname);
    const owner = await accounts.findById(folder.accountId);
    return (
      owner && join(homes.pathOf(owner.home), folder.directory, pathname.slice(folder.at.length))
    );
  };
}

function folderOf({ folders = [] }: AccountRecord, pathname: string): FolderMount | undefined {
  const holding = folders.filter(({ at }) => pathname === at || pathname.startsWith(`${at}/`));
  return holding.toSorted((a, b) => b.at.length - a.at.length)[0];
}
