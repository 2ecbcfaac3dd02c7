import { type Kysely, sql } from 'kysely';
import { isUniqueViolation } from './database-error.ts';
import type { Schema } from './schema.ts';

/** A directory that several accounts see in their trees. */
export interface Folder {
  readonly id: number;
  readonly name: string;
  /** The account that is charged for its files. */
  readonly accountId: number;
  /** Name of that account. */
  readonly owner: string;
  /** Path in the tree of that account. */
  readonly directory: string;
}

/** An account that sees a folder, or a group whose accounts do. */
export interface FolderShare {
  readonly folderId: number;
  readonly account: string | undefined;
  readonly group: string | undefined;
  readonly path: string;
  readonly isReadOnly: boolean;
}

/** The id of an account, or of a group. */
export type ShareHolder = { readonly accountId: number } | { readonly groupId: number };

/** Another folder has the name. */
export class FolderExistsError extends Error {}

/** The account or group has another folder at that path. */
export class MountExistsError extends Error {}

/** Shared folders, and who sees them. Their names are in lower case. */
export class FolderRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** @throws FolderExistsError */
  async add(folder: {
    readonly name: string;
    readonly accountId: number;
    readonly directory: string;
  }): Promise<void> {
    const { name, accountId: account_id, directory } = folder;
    try {
      await this.#db.insertInto('folder').values({ name, account_id, directory }).execute();
    } catch (error) {
      if (isUniqueViolation(error)) throw new FolderExistsError();
      throw error;
    }
  }

  async find(name: string): Promise<Folder | undefined> {
    return await this.#folders().where('folder.name', '=', name).executeTakeFirst();
  }

  async list(): Promise<readonly Folder[]> {
    return await this.#folders().orderBy('folder.name').execute();
  }

  /** Names of the folders for whose files an account is charged. */
  async namesOf(accountId: number): Promise<readonly string[]> {
    const rows = await this.#db
      .selectFrom('folder')
      .select('name')
      .where('account_id', '=', accountId)
      .orderBy('name')
      .execute();
    return rows.map(({ name }) => name);
  }

  /** Removes a folder from all trees. */
  async remove(id: number): Promise<void> {
    await this.#db.deleteFrom('folder').where('id', '=', id).execute();
  }

  /** Shares a folder; one that the holder sees already gets another path or other rights. @throws MountExistsError */
  async share(
    folderId: number,
    holder: ShareHolder,
    { path, isReadOnly }: { readonly path: string; readonly isReadOnly: boolean },
  ): Promise<void> {
    try {
      await this.#db.transaction().execute(async (transaction) => {
        await removeShare(transaction, folderId, holder);
        await transaction
          .insertInto('folder_mount')
          .values({
            ...{ folder_id: folderId, ...columnsOf(holder) },
            ...{ path, read_only: isReadOnly ? 1 : 0 },
          })
          .execute();
      });
    } catch (error) {
      if (isUniqueViolation(error)) throw new MountExistsError();
      throw error;
    }
  }

  /** @returns whether it was shared. */
  unshare(folderId: number, holder: ShareHolder): Promise<boolean> {
    return removeShare(this.#db, folderId, holder);
  }

  async shares(): Promise<readonly FolderShare[]> {
    const rows = await this.#db
      .selectFrom('folder_mount')
      .leftJoin('account', 'account.id', 'folder_mount.account_id')
      .leftJoin('account_group', 'account_group.id', 'folder_mount.group_id')
      .select(['folder_id', 'path', 'read_only'])
      .select(['account.username as account', 'account_group.name as group'])
      .orderBy(sql`account.username IS NULL`)
      .orderBy('account.username')
      .orderBy('account_group.name')
      .execute();
    return rows.map(({ folder_id, path, read_only, account, group }) => ({
      ...{ folderId: folder_id, path, isReadOnly: read_only === 1 },
      ...{ account: account ?? undefined, group: group ?? undefined },
    }));
  }

  #folders() {
    return this.#db
      .selectFrom('folder')
      .innerJoin('account', 'account.id', 'folder.account_id')
      .select(['folder.id', 'folder.name', 'folder.directory'])
      .select(['folder.account_id as accountId', 'account.username as owner']);
  }
}

async function removeShare(
  db: Kysely<Schema>,
  folderId: number,
  holder: ShareHolder,
): Promise<boolean> {
  const { account_id, group_id } = columnsOf(holder);
  const { numDeletedRows } = await db
    .deleteFrom('folder_mount')
    .where('folder_id', '=', folderId)
    .where('account_id', 'is', account_id)
    .where('group_id', 'is', group_id)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

function columnsOf(holder: ShareHolder) {
  return 'accountId' in holder
    ? { account_id: holder.accountId, group_id: null }
    : { account_id: null, group_id: holder.groupId };
}
