import { type Kysely, sql } from 'kysely';
import { type AccessSettings, readAccess, storedAccess } from './access-settings.ts';
import { isUniqueViolation } from './database-error.ts';
import type { Schema } from './schema.ts';

/** A named set of rights and limits that accounts refer to. */
export interface Group {
  readonly id: number;
  readonly name: string;
  readonly access: AccessSettings;
  /** Accounts that are in it. */
  readonly members: number;
}

/** Another group has the name. */
export class GroupExistsError extends Error {}

/** Groups of accounts. Their names are in lower case. */
export class GroupRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** @throws GroupExistsError */
  async add(name: string): Promise<void> {
    try {
      await this.#db.insertInto('account_group').values({ name }).execute();
    } catch (error) {
      if (isUniqueViolation(error)) throw new GroupExistsError();
      throw error;
    }
  }

  async find(name: string): Promise<Group | undefined> {
    const row = await this.#rows().where('account_group.name', '=', name).executeTakeFirst();
    return row && { ...row, access: readAccess(row.access) };
  }

  async list(): Promise<readonly Group[]> {
    const rows = await this.#rows().orderBy('account_group.name').execute();
    return rows.map((row) => ({ ...row, access: readAccess(row.access) }));
  }

  async setAccess(id: number, access: AccessSettings): Promise<void> {
    await this.#db
      .updateTable('account_group')
      .set({ access: storedAccess(access) })
      .where('id', '=', id)
      .execute();
  }

  /** @returns whether it has been removed: a group with members stays, because they would get its rights no longer. */
  async removeEmpty(id: number): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('account_group')
      .where('id', '=', id)
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom('account').select('account.id').where('account.group_id', '=', id))),
      )
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  #rows() {
    return this.#db
      .selectFrom('account_group')
      .select(['id', 'name', 'access'])
      .select(
        sql<number>`(SELECT count(*) FROM account WHERE account.group_id = account_group.id)`.as(
          'members',
        ),
      );
  }
}
