import { type Kysely, sql } from 'kysely';
import { type Quota, QuotaRepository, type Usage, type UsedChange } from './quota-repository.ts';
import type { Schema } from './schema.ts';

/**
 * What one member has reserved of the accounts' quotas. The used amounts of a quota include it.
 *
 * An account has a row from before the member changes its files or takes from its quota until the quota is settled: if
 * the member dies, the files of the accounts with a row are measured. So each change is a single statement; a crash
 * between two only has an account measured.
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

  /** Writes the escrow of an account, which must come before what it is for. Does nothing if there is no such account. */
  async record(accountId: number, { bytes, entries }: Usage): Promise<void> {
    await sql`
      INSERT INTO quota_escrow (account_id, member_id, bytes, entries)
      SELECT id, ${this.#memberId}, ${bytes}, ${entries} FROM account WHERE id = ${accountId}
      ON CONFLICT (account_id, member_id)
      DO UPDATE SET bytes = excluded.bytes, entries = excluded.entries`.execute(this.#db);
  }

  /** Removes the escrow of an account, which is settled. */
  async remove(accountId: number): Promise<void> {
    await this.#db
      .deleteFrom('quota_escrow')
      .where('account_id', '=', accountId)
      .where('member_id', '=', this.#memberId)
      .execute();
  }

  /** Books bytes and entries if there is room for all of them, and says whether there was. */
  take(accountId: number, amount: Usage): Promise<boolean> {
    return this.#quotas.take(accountId, amount);
  }

  /** Gives an amount back. More than is used makes the account empty, as after a recount in between. */
  release(accountId: number, amount: Usage): Promise<void> {
    return this.#quotas.release(accountId, amount);
  }

  /** Escrow of dead members for an account; undefined if there is none. */
  findDead(accountId: number): Promise<Usage | undefined> {
    return this.#db
      .selectFrom('quota_escrow')
      .innerJoin('member', 'member.id', 'quota_escrow.member_id')
      .select(({ fn }) => fn.sum<number>('bytes').as('bytes'))
      .select(({ fn }) => fn.sum<number>('entries').as('entries'))
      .where('account_id', '=', accountId)
      .where('died_at_ms', 'is not', null)
      .groupBy('account_id')
      .executeTakeFirst();
  }

  /**
   * Sets what is used if it still is what it was, and says whether it was. The escrow of dead members goes: the account
   * has been measured.
   */
  async replaceUsed(change: UsedChange): Promise<boolean> {
    if (!(await this.#quotas.replaceUsed(change))) return false;
    const dead = this.#db.selectFrom('member').select('id').where('died_at_ms', 'is not', null);
    await this.#db
      .deleteFrom('quota_escrow')
      .where('account_id', '=', change.accountId)
      .where('member_id', 'in', dead)
      .execute();
    return true;
  }
}
