import type { Kysely } from 'kysely';
import { durably } from './durably.ts';
import type { RecountedAccount } from './recount-repository.ts';
import type { Schema } from './schema.ts';

/** A process that serves. */
export interface Member {
  readonly id: string;
  /** Boot of the kernel that it runs on; empty if unknown. */
  readonly bootId: string;
}

interface JoiningMember extends Member {
  readonly version: string;
  readonly startedAtMs: number;
}

/** The processes that serve, and those that have ended without settling their quotas. */
export class MemberRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /**
   * Call before the first upload is accepted; a crash from here on is noticed at the next start. The statement waits for
   * the disk, or a power cut could undo it.
   */
  async join({ id, bootId, version, startedAtMs }: JoiningMember): Promise<void> {
    const row = { id, boot_id: bootId, version, started_at_ms: startedAtMs, died_at_ms: null };
    await durably(this.#db, (connection) => connection.insertInto('member').values(row).execute());
  }

  /** Removes a member that has settled all quotas. One that has not stays: it counts as dead at the next start. */
  async leave(id: string): Promise<void> {
    await this.#db
      .deleteFrom('member')
      .where('id', '=', id)
      .where('id', 'not in', this.#db.selectFrom('quota_escrow').select('member_id'))
      .execute();
  }

  /** Whether all members have left. False also while one serves. */
  async isEmpty(): Promise<boolean> {
    const row = await this.#db.selectFrom('member').select('id').limit(1).executeTakeFirst();
    return row === undefined;
  }

  /**
   * Marks all members as dead. Call it while none can live.
   *
   * @returns the dead, those included that were marked before.
   */
  async markAllDead(nowMs: number): Promise<readonly Member[]> {
    await this.#db
      .updateTable('member')
      .set({ died_at_ms: nowMs })
      .where('died_at_ms', 'is', null)
      .execute();
    return await this.#db.selectFrom('member').select(['id', 'boot_id as bootId']).execute();
  }

  /** The accounts that dead members have an escrow for: what they are charged for may exceed the disk. */
  async accountsOfDead(): Promise<readonly RecountedAccount[]> {
    return await this.#db
      .selectFrom('account')
      .innerJoin('quota', 'quota.account_id', 'account.id')
      .select(['account.id', 'username', 'home', 'quota.entries_counted as hasCountedEntries'])
      .where('account.id', 'in', this.#accountIdsOfDead())
      .orderBy('account.id')
      .execute();
  }

  /** Removes the dead that have no escrow left. */
  async removeSettledDead(): Promise<void> {
    await this.#db
      .deleteFrom('member')
      .where('died_at_ms', 'is not', null)
      .where('id', 'not in', this.#db.selectFrom('quota_escrow').select('member_id'))
      .execute();
  }

  /** Removes the dead with their escrow: all accounts have been measured. */
  async removeDead(): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      const dead = transaction
        .selectFrom('member')
        .select('id')
        .where('died_at_ms', 'is not', null);
      await transaction.deleteFrom('quota_escrow').where('member_id', 'in', dead).execute();
      await transaction.deleteFrom('member').where('died_at_ms', 'is not', null).execute();
    });
  }

  #accountIdsOfDead() {
    return this.#db
      .selectFrom('quota_escrow')
      .innerJoin('member', 'member.id', 'quota_escrow.member_id')
      .select('account_id')
      .where('died_at_ms', 'is not', null);
  }
}
