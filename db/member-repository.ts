import { type Kysely, type SelectQueryBuilder, sql, type Transaction } from 'kysely';
import { durably } from './durably.ts';
import type { RecountedAccount } from './recount-repository.ts';
import type { Schema } from './schema.ts';

/** A process that serves. */
interface Member {
  readonly id: string;
  /** Boot of the kernel that it runs on; empty if unknown. */
  readonly bootId: string;
}

interface JoiningMember extends Member {
  readonly version: string;
  readonly startedAtMs: number;
}

/** An account that a dead member has an escrow for. */
export interface AccountInDoubt extends RecountedAccount {
  /** 1: the database may have lost what was taken last. 0: it may only be charged for too much. */
  readonly mayBeUndercharged: number;
}

/** Stands for members of which nothing is known: its escrow names accounts to measure. */
const UNKNOWN_MEMBER = { id: 'unknown', bootId: '', version: '' };

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

  /** Marks all members as dead. Call it while none can live. */
  async markAllDead(nowMs: number): Promise<void> {
    await this.#db
      .updateTable('member')
      .set({ died_at_ms: nowMs })
      .where('died_at_ms', 'is', null)
      .execute();
  }

  /** Ids of the members that live. */
  async living(): Promise<ReadonlySet<string>> {
    const rows = await this.#db
      .selectFrom('member')
      .select('id')
      .where('died_at_ms', 'is', null)
      .execute();
    return new Set(rows.map(({ id }) => id));
  }

  /**
   * Whether the dead may have changed accounts that their escrow does not name. A machine that restarts may lose the last
   * transactions of its database; a process that crashes loses none.
   *
   * @param bootId of this machine; empty if unknown.
   */
  async mayLackEscrow(bootId: string): Promise<boolean> {
    const { rows } = await sql`
      SELECT 1 FROM member WHERE died_at_ms IS NOT NULL AND CASE id
        WHEN ${UNKNOWN_MEMBER.id}
        THEN NOT EXISTS (SELECT 1 FROM quota_escrow WHERE member_id = member.id)
        ELSE boot_id = '' OR boot_id <> ${bootId} END`.execute(this.#db);
    return rows.length > 0;
  }

  /** Gives every account an escrow of the unknown member, so that all are measured. The dead are accounted for then. */
  async doubtAll(bootId: string, nowMs: number): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      await doubt(transaction, { ids: transaction.selectFrom('account').select('id'), nowMs });
      await transaction
        .updateTable('member')
        .set({ boot_id: bootId })
        .where('died_at_ms', 'is not', null)
        .where('id', '<>', UNKNOWN_MEMBER.id)
        .execute();
    });
  }

  /** The same for some accounts. */
  async doubt(ids: readonly number[], nowMs: number): Promise<void> {
    await this.#db.transaction().execute((transaction) => doubt(transaction, { ids, nowMs }));
  }

  /** Forgets what {@link doubtAll} has done, so that the next start does it again. */
  async requireDoubt(nowMs: number): Promise<void> {
    const { id } = UNKNOWN_MEMBER;
    await this.#db.deleteFrom('quota_escrow').where('member_id', '=', id).execute();
    await this.#db.deleteFrom('member').where('id', '=', id).execute();
    await this.join({ ...UNKNOWN_MEMBER, startedAtMs: nowMs });
  }

  /**
   * The accounts that dead members have an escrow for: what they are charged for may not be what is on the disk. Those
   * that were in use come first.
   */
  async accountsOfDead(): Promise<readonly AccountInDoubt[]> {
    const ofUnknown = sql<number>`max(member.id = ${UNKNOWN_MEMBER.id})`;
    return await this.#db
      .selectFrom('quota_escrow')
      .innerJoin('member', 'member.id', 'quota_escrow.member_id')
      .innerJoin('account', 'account.id', 'quota_escrow.account_id')
      .innerJoin('quota', 'quota.account_id', 'account.id')
      .select(['account.id', 'username', 'quota.entries_counted as hasCountedEntries'])
      .select([sql<string>`coalesce(home_path, home)`.as('home'), 'home_id as homeId'])
      .select(ofUnknown.as('mayBeUndercharged'))
      .where('died_at_ms', 'is not', null)
      .groupBy('account.id')
      .orderBy(sql`min(member.id = ${UNKNOWN_MEMBER.id})`)
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
}

async function doubt(
  transaction: Transaction<Schema>,
  {
    ids,
    nowMs,
  }: {
    ids: readonly number[] | SelectQueryBuilder<Schema, 'account', { id: number }>;
    nowMs: number;
  },
): Promise<void> {
  const { id: member_id, bootId, version } = UNKNOWN_MEMBER;
  await transaction
    .insertInto('member')
    .values({ id: member_id, boot_id: bootId, version, started_at_ms: nowMs, died_at_ms: nowMs })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const accounts = transaction
    .selectFrom('account')
    .select(({ val }) => [
      'id',
      val(member_id).as('member_id'),
      val(0).as('bytes'),
      val(0).as('entries'),
    ])
    .where('id', 'in', ids);
  await transaction
    .insertInto('quota_escrow')
    .columns(['account_id', 'member_id', 'bytes', 'entries'])
    .expression(accounts)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
