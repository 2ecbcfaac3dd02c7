import { type Kysely, sql } from 'kysely';
import type { Schema } from './schema.ts';

/** An amount of what quotas limit. */
export interface Usage {
  readonly bytes: number;
  /** Files, directories and links. */
  readonly entries: number;
}

export interface Quota {
  readonly limitBytes: number;
  readonly usedBytes: number;
  readonly limitEntries: number;
  readonly usedEntries: number;
}

export interface UsedChange {
  readonly accountId: number;
  readonly from: Usage;
  readonly to: Usage;
}

/** Quotas of accounts. Each change is one statement, so it holds against other processes too. */
export class QuotaRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  find(accountId: number): Promise<Quota | undefined> {
    return this.#db
      .selectFrom('quota')
      .select([
        'limit_bytes as limitBytes',
        'used_bytes as usedBytes',
        'limit_entries as limitEntries',
        'used_entries as usedEntries',
      ])
      .where('account_id', '=', accountId)
      .executeTakeFirst();
  }

  /** Books bytes and entries if there is room for all of them, and says whether there was. */
  async take(accountId: number, { bytes, entries }: Usage): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('quota')
      .set({
        used_bytes: sql`used_bytes + ${bytes}`,
        used_entries: sql`used_entries + ${entries}`,
      })
      .where('account_id', '=', accountId)
      // An account that is over one limit can still take of the other.
      .where(sql<boolean>`(${bytes} = 0 OR used_bytes + ${bytes} <= limit_bytes)`)
      .where(sql<boolean>`(${entries} = 0 OR used_entries + ${entries} <= limit_entries)`)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** Gives an amount back. More than is used makes the account empty, as after a recount in between. */
  async release(accountId: number, { bytes, entries }: Usage): Promise<void> {
    await this.#db
      .updateTable('quota')
      .set({
        used_bytes: sql`max(used_bytes - ${bytes}, 0)`,
        used_entries: sql`max(used_entries - ${entries}, 0)`,
      })
      .where('account_id', '=', accountId)
      .execute();
  }

  /** Sets how much may be used. Less than is used already only stops further uploads. */
  async setLimit(accountId: number, limitBytes: number): Promise<void> {
    await this.#db
      .updateTable('quota')
      .set({ limit_bytes: limitBytes })
      .where('account_id', '=', accountId)
      .execute();
  }

  /** Sets how many entries the account may have. Less than it has already only stops further ones. */
  async setEntryLimit(accountId: number, limitEntries: number): Promise<void> {
    await this.#db
      .updateTable('quota')
      .set({ limit_entries: limitEntries })
      .where('account_id', '=', accountId)
      .execute();
  }

  /** Sets the usage to the measured one. Only while the account has no upload. */
  async setUsed(accountId: number, used: Usage): Promise<void> {
    await this.#db
      .updateTable('quota')
      .set({ used_bytes: used.bytes, used_entries: used.entries, entries_counted: 1 })
      .where('account_id', '=', accountId)
      .execute();
  }

  /**
   * The same as {@link replaceUsed}, for another process than the server: changes nothing while a server runs, or until a
   * start has measured what one that crashed has left.
   */
  async replaceUsedUnserved(change: UsedChange): Promise<boolean> {
    const { numUpdatedRows } = await this.#replacement(change)
      .where(sql<boolean>`NOT EXISTS (SELECT 1 FROM member)`)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** Sets what is used if it still is what it was, and says whether it was. */
  async replaceUsed(change: UsedChange): Promise<boolean> {
    const { numUpdatedRows } = await this.#replacement(change).executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  #replacement({ accountId, from, to }: UsedChange) {
    return this.#db
      .updateTable('quota')
      .set({ used_bytes: to.bytes, used_entries: to.entries, entries_counted: 1 })
      .where('account_id', '=', accountId)
      .where('used_bytes', '=', from.bytes)
      .where('used_entries', '=', from.entries);
  }
}
