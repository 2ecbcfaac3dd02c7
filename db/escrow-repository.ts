import { type Kysely, sql, type Transaction } from 'kysely';
import { type Quota, QuotaRepository, type Usage, type UsedChange } from './quota-repository.ts';
import type { Schema } from './schema.ts';

interface Take {
  readonly accountId: number;
  readonly taken: Usage;
  /** Escrow of the account afterwards. */
  readonly escrow: Usage;
}

interface Settlement {
  readonly accountId: number;
  readonly returned: Usage;
  /** Escrow of the account afterwards; undefined: the member is done with the account. */
  readonly escrow: Usage | undefined;
}

/**
 * What one member has reserved of the accounts' quotas. The used amounts of a quota include it. An account has a row
 * from before the member changes its files until the quota is settled: if the member dies, the files of the accounts with
 * a row are measured.
 */
export class EscrowRepository {
  readonly #db: Kysely<Schema>;
  readonly #memberId: string;
  readonly #quotas: QuotaRepository;

  constructor(db: Kysely<Schema>, memberId: string) {
    this.#db = db;
    this.#memberId = memberId;
    this.#quotas = new QuotaRepository(db);
  }

  find(accountId: number): Promise<Quota | undefined> {
    return this.#quotas.find(accountId);
  }

  /** Makes the row of an account whose files are about to change. Does nothing if the account does not exist. */
  async record(accountId: number): Promise<void> {
    await sql`
      INSERT INTO quota_escrow (account_id, member_id, bytes, entries)
      SELECT id, ${this.#memberId}, 0, 0 FROM account WHERE id = ${accountId}
      ON CONFLICT DO NOTHING`.execute(this.#db);
  }

  /** Books bytes and entries if there is room for all of them, and says whether there was. */
  take({ accountId, taken, escrow }: Take): Promise<boolean> {
    return this.#db.transaction().execute(async (transaction) => {
      const isTaken = await book(transaction, accountId, taken);
      if (isTaken) await this.#replace(transaction, accountId, escrow);
      return isTaken;
    });
  }

  /** Gives an amount back. More than is used makes the account empty, as after a recount in between. */
  async settle({ accountId, returned, escrow }: Settlement): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      if (returned.bytes > 0 || returned.entries > 0) {
        await giveBack(transaction, accountId, returned);
      }
      if (escrow === undefined) await this.#remove(transaction, accountId);
      else await this.#replace(transaction, accountId, escrow);
    });
  }

  /** Escrow of dead members for an account; undefined if there is none. */
  async findDead(accountId: number): Promise<Usage | undefined> {
    const row = await this.#db
      .selectFrom('quota_escrow')
      .innerJoin('member', 'member.id', 'quota_escrow.member_id')
      .select(({ fn }) => [
        fn.sum<number>('bytes').as('bytes'),
        fn.sum<number>('entries').as('entries'),
      ])
      .where('account_id', '=', accountId)
      .where('died_at_ms', 'is not', null)
      .groupBy('account_id')
      .executeTakeFirst();
    return row;
  }

  /**
   * Sets what is used if it still is what it was, and says whether it was. The escrow of dead members goes with it: the
   * account has been measured.
   */
  replaceUsed(change: UsedChange): Promise<boolean> {
    return this.#db.transaction().execute(async (transaction) => {
      const isReplaced = await new QuotaRepository(transaction).replaceUsed(change);
      if (isReplaced) await removeDead(transaction, change.accountId);
      return isReplaced;
    });
  }

  async #replace(
    transaction: Transaction<Schema>,
    accountId: number,
    { bytes, entries }: Usage,
  ): Promise<void> {
    await transaction
      .insertInto('quota_escrow')
      .values({ account_id: accountId, member_id: this.#memberId, bytes, entries })
      .onConflict((conflict) =>
        conflict.columns(['account_id', 'member_id']).doUpdateSet({ bytes, entries }),
      )
      .execute();
  }

  async #remove(transaction: Transaction<Schema>, accountId: number): Promise<void> {
    await transaction
      .deleteFrom('quota_escrow')
      .where('account_id', '=', accountId)
      .where('member_id', '=', this.#memberId)
      .execute();
  }
}

async function book(
  transaction: Transaction<Schema>,
  accountId: number,
  { bytes, entries }: Usage,
): Promise<boolean> {
  const { numUpdatedRows } = await transaction
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

async function giveBack(
  transaction: Transaction<Schema>,
  accountId: number,
  { bytes, entries }: Usage,
): Promise<void> {
  await transaction
    .updateTable('quota')
    .set({
      used_bytes: sql`max(used_bytes - ${bytes}, 0)`,
      used_entries: sql`max(used_entries - ${entries}, 0)`,
    })
    .where('account_id', '=', accountId)
    .execute();
}

async function removeDead(transaction: Transaction<Schema>, accountId: number): Promise<void> {
  const dead = transaction.selectFrom('member').select('id').where('died_at_ms', 'is not', null);
  await transaction
    .deleteFrom('quota_escrow')
    .where('account_id', '=', accountId)
    .where('member_id', 'in', dead)
    .execute();
}
