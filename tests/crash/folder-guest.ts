import { join } from 'node:path';
import { AccountRepository } from '../../db/account-repository.ts';
import { FolderRepository } from '../../db/folder-repository.ts';
import { openDatabase } from '../../db/open-database.ts';
import { ControlClient } from '../../server/testing/control-client.ts';
import { PASSWORD } from './crash-client.ts';

interface Guest {
  readonly username: string;
  /** Account whose directories it sees, at the same paths. */
  readonly owner: string;
  readonly directories: readonly string[];
}

/** Makes an account that sees directories of another one as shared folders. */
export async function addFolderGuest(
  { directory, port }: { readonly directory: string; readonly port: number },
  { username, owner, directories }: Guest,
): Promise<void> {
  const control = await ControlClient.open(port);
  await control.signUp(username, PASSWORD);
  await control.close();
  const { queries, close } = openDatabase(join(directory, 'myftp.db'));
  try {
    const accounts = new AccountRepository(queries);
    const [accountId, guestId] = [await idOf(accounts, owner), await idOf(accounts, username)];
    const folders = new FolderRepository(queries);
    for (const path of directories) {
      const name = path.slice(1);
      await folders.add({ name, accountId, directory: path });
      const folder = await folders.find(name);
      const mount = { path, isReadOnly: false };
      await folders.share(folder?.id ?? -1, { accountId: guestId }, mount);
    }
  } finally {
    await close();
  }
}

async function idOf(accounts: AccountRepository, username: string): Promise<number> {
  return (await accounts.findByUsername(username))?.id ?? -1;
}
