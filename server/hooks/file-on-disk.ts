import { join } from 'node:path';
import type { AccountRepository } from '../../db/account-repository.ts';
import type { HomeDirectories } from '../accounts/home-directories.ts';

interface Deps {
  readonly accounts: Pick<AccountRepository, 'findByUsername'>;
  readonly homes: Pick<HomeDirectories, 'pathOf'>;
}

/** Where the files of accounts lie on the disk, for programs; undefined for guests. */
export function filesOnDisk({ accounts, homes }: Deps) {
  return async (username: string, pathname: string): Promise<string | undefined> => {
    const account = await accounts.findByUsername(username);
    return account && join(homes.pathOf(account.home), pathname);
  };
}
