import { type Kysely, sql } from 'kysely';
import type { Schema } from './schema.ts';

export interface Quota {
  readonly limitBytes: number;
  readonly usedBytes: number;
}

interface UsedChange {
  readonly accountId: number;
  readonly fromBytes: number;
  readonly toBytes: number;
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
      .select(['limit_bytes as limitBytes', 'used_bytes as usedBytes'])
      .where('account_id', '=', accountId)
      .executeTakeFirst();
  }

  /** Books `bytes` if there is room for all of them, and says whether there was. */
  async take(accountId: number, bytes: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('quota')
      .set({ used_bytes: sql`used_bytes + ${bytes}` })
      .where('account_id', '=', accountId)
      .where(sql<boolean>`used_bytes + ${bytes} <= limit_bytes`)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** Gives `bytes` back. More than is used makes the account empty, as after a recount meanwhile. */
  async release(accountId: number, bytes: number): Promise<void> {
    await this.#db
      .updateTable('quota')
      .set({
        used_bytes: sql`CASE WHEN used_bytes > ${bytes} THEN used_bytes - ${bytes} ELSE 0 END`,
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

  /** Sets what is used to what was measured. Only while nobody uploads to the account. */
  async setUsed(accountId: number, usedBytes: number): Promise<void> {
    await this.#db
      .updateTable('quota')
      .set({ used_bytes: usedBytes })
      .where('account_id', '=', accountId)
      .execute();
  }

  /** The same as {@link replaceUsed}, for another process than the server: changes nothing while a server runs. */
  async replaceUsedUnserved(change: UsedChange): Promise<boolean> {
    const { numUpdatedRows } = await this.#replacement(change)
      .where(sql<boolean>`EXISTS (SELECT 1 FROM run_state WHERE clean_shutdown = 1)`)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** Sets what is used if it still is what it was, and says whether it was. */
  async replaceUsed(change: UsedChange): Promise<boolean> {
    const { numUpdatedRows } = await this.#replacement(change).executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  #replacement({ accountId, fromBytes, toBytes }: UsedChange) {
    return this.#db
      .updateTable('quota')
      .set({ used_bytes: toBytes })
      .where('account_id', '=', accountId)
      .where('used_bytes', '=', fromBytes);
  }
}
