import { type Kysely, sql } from 'kysely';
import type { Schema } from './schema.ts';

/** When files are deleted that are in a directory or below it. */
export interface RetentionSettings {
  /** Age at which they are deleted; 0: age is no reason. */
  readonly deleteAfterMs: number;
  /** The oldest are deleted when an upload beneath the directory finds the quota full. */
  readonly isOldestFirst: boolean;
  /** Directories that are left empty are removed. */
  readonly removesEmpty: boolean;
}

/** Rules by directory, which is absolute in the tree of the account. The database stores them as JSON. */
export type RetentionByDirectory = Readonly<Record<string, RetentionSettings>>;

/** An account with its rules. */
export interface RetentionAccount {
  readonly id: number;
  readonly username: string;
  /** Name of its group. */
  readonly group: string | undefined;
  readonly own: RetentionByDirectory;
  /** The same with those of its group: its own come first, directory by directory. */
  readonly effective: RetentionByDirectory;
  /** Directories that others see as shared folders. */
  readonly shared: readonly string[];
}

interface Row {
  readonly id: number;
  readonly username: string;
  readonly group: string | null;
  readonly own: string | null;
  readonly ofGroup: string | null;
  readonly shared: string;
}

const SHARED_DIRECTORIES = sql<string>`(
  SELECT json_group_array(directory) FROM folder WHERE folder.account_id = account.id)`;

/** The rules by which old files of accounts are deleted. */
export class RetentionRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  async findById(id: number): Promise<RetentionAccount | undefined> {
    const row = await this.#rows().where('account.id', '=', id).executeTakeFirst();
    return row && toAccount(row);
  }

  async findByUsername(username: string): Promise<RetentionAccount | undefined> {
    const row = await this.#rows()
      .where(sql<boolean>`lower(username) = ${username.toLowerCase()}`)
      .executeTakeFirst();
    return row && toAccount(row);
  }

  /** Accounts that have rules, of their own or by their group, in the order of their ids. */
  async listAfter(id: number, limit: number): Promise<readonly RetentionAccount[]> {
    const rows = await this.#rows()
      .where('account.id', '>', id)
      .where(sql<boolean>`coalesce(account.retention, account_group.retention) IS NOT NULL`)
      .orderBy('account.id')
      .limit(limit)
      .execute();
    return rows.map(toAccount);
  }

  /** Rules of a group; undefined if there is none of that name, which is in lower case. */
  async findGroup(name: string): Promise<RetentionByDirectory | undefined> {
    const row = await this.#db
      .selectFrom('account_group')
      .select('retention')
      .where('name', '=', name)
      .executeTakeFirst();
    return row && read(row.retention);
  }

  async setOfAccount(id: number, rules: RetentionByDirectory): Promise<void> {
    const retention = stored(rules);
    await this.#db.updateTable('account').set({ retention }).where('id', '=', id).execute();
  }

  /** @param name in lower case. */
  async setOfGroup(name: string, rules: RetentionByDirectory): Promise<void> {
    const retention = stored(rules);
    await this.#db
      .updateTable('account_group')
      .set({ retention })
      .where('name', '=', name)
      .execute();
  }

  #rows() {
    return this.#db
      .selectFrom('account')
      .leftJoin('account_group', 'account_group.id', 'account.group_id')
      .select(['account.id', 'account.username', 'account.retention as own'])
      .select(['account_group.name as group', 'account_group.retention as ofGroup'])
      .select(SHARED_DIRECTORIES.as('shared'));
  }
}

function toAccount({ id, username, group, own: ownText, ofGroup, ...row }: Row): RetentionAccount {
  const own = read(ownText);
  const effective = { ...read(ofGroup), ...own };
  const shared = JSON.parse(row.shared) as readonly string[];
  return { id, username, group: group ?? undefined, own, effective, shared };
}

function read(text: string | null): RetentionByDirectory {
  return text === null ? {} : (JSON.parse(text) as RetentionByDirectory);
}

function stored(rules: RetentionByDirectory): string | null {
  return Object.keys(rules).length === 0 ? null : JSON.stringify(rules);
}
