import { type Kysely, sql } from 'kysely';
import type { Usage } from './quota-repository.ts';
import type { Schema } from './schema.ts';

/** Result of a recount. */
export type RecountResult =
  | {
      readonly kind: 'corrected';
      readonly before: Usage;
      readonly after: Usage;
      /** Directories that could not be read. */
      readonly unreadDirectories: number;
    }
  | { readonly kind: 'failed'; readonly problem: string };

/** A request for the recount of one account. */
export interface RecountRequest {
  readonly id: number;
  readonly accountId: number;
  readonly isStarted: boolean;
  /** Undefined until it is finished. */
  readonly result: RecountResult | undefined;
}

/** An account whose files are to be measured. */
export interface RecountedAccount {
  readonly id: number;
  readonly username: string;
  /** A name below the root, or an absolute path. */
  readonly home: string;
  /** See `AccountRecord`. */
  readonly homeId?: string | null;
  /** 0: an earlier version has not counted its entries. */
  readonly hasCountedEntries: number;
}

const HOME = sql<string>`coalesce(home_path, home)`.as('home');

const COUNTED_ENTRIES = 'quota.entries_counted as hasCountedEntries';

/** Requests for recounts, which go from a command to the server, and the times of recounts. */
export class RecountRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  async request(accountId: number, nowMs: number): Promise<number> {
    const { id } = await this.#db
      .insertInto('recount_request')
      .values({ account_id: accountId, requested_at_ms: nowMs })
      .returning('id')
      .executeTakeFirstOrThrow();
    return id;
  }

  /** Undefined if the request is gone: the server was restarted, or the account removed. */
  async find(id: number): Promise<RecountRequest | undefined> {
    const row = await this.#db
      .selectFrom('recount_request')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const { account_id: accountId, started_at_ms, finished_at_ms, problem } = row;
    const isStarted = started_at_ms !== null;
    if (finished_at_ms === null) return { id, accountId, isStarted, result: undefined };
    if (problem !== null) {
      return { id, accountId, isStarted, result: { kind: 'failed', problem } };
    }
    const corrected = {
      kind: 'corrected',
      before: { bytes: row.before_bytes ?? 0, entries: row.before_entries ?? 0 },
      after: { bytes: row.after_bytes ?? 0, entries: row.after_entries ?? 0 },
      unreadDirectories: row.unread_directories ?? 0,
    } as const;
    return { id, accountId, isStarted, result: corrected };
  }

  /** Takes the oldest request that has not been started. */
  async startNext(nowMs: number): Promise<{ id: number; account: RecountedAccount } | undefined> {
    const row = await this.#db
      .selectFrom('recount_request')
      .innerJoin('account', 'account.id', 'recount_request.account_id')
      .innerJoin('quota', 'quota.account_id', 'account.id')
      .select([
        'recount_request.id as requestId',
        'account.id',
        'username',
        HOME,
        'home_id as homeId',
        COUNTED_ENTRIES,
      ])
      .where('started_at_ms', 'is', null)
      .orderBy('recount_request.id')
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const { requestId, ...account } = row;
    const { numUpdatedRows } = await this.#db
      .updateTable('recount_request')
      .set({ started_at_ms: nowMs })
      .where('id', '=', requestId)
      .where('started_at_ms', 'is', null)
      .executeTakeFirst();
    return numUpdatedRows === 1n ? { id: requestId, account } : this.startNext(nowMs);
  }

  async finish(id: number, result: RecountResult, nowMs: number): Promise<void> {
    const found =
      result.kind === 'failed'
        ? { problem: result.problem }
        : {
            before_bytes: result.before.bytes,
            after_bytes: result.after.bytes,
            before_entries: result.before.entries,
            after_entries: result.after.entries,
            unread_directories: result.unreadDirectories,
          };
    await this.#db
      .updateTable('recount_request')
      .set({ finished_at_ms: nowMs, ...found })
      .where('id', '=', id)
      .execute();
  }

  /**
   * Withdraws a request.
   *
   * @returns whether it had not been started.
   */
  async withdraw(id: number): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('recount_request')
      .where('id', '=', id)
      .where('started_at_ms', 'is', null)
      .executeTakeFirst();
    return numDeletedRows === 1n;
  }

  async remove(id: number): Promise<void> {
    await this.#db.deleteFrom('recount_request').where('id', '=', id).execute();
  }

  /** Removes all requests: those of a run that has ended are waited for in vain. */
  async clear(): Promise<void> {
    await this.#db.deleteFrom('recount_request').execute();
  }

  async recordRecount(accountId: number, result: RecountResult, nowMs: number): Promise<void> {
    const counted = result.kind === 'corrected' ? { entries_counted: 1 } : {};
    await this.#db
      .updateTable('quota')
      .set({ recounted_at_ms: nowMs, ...counted })
      .where('account_id', '=', accountId)
      .execute();
  }

  /** The account that was created and last recounted longest ago, if that was before `beforeMs`. */
  findDue(beforeMs: number): Promise<RecountedAccount | undefined> {
    const since = sql<number>`CASE WHEN recounted_at_ms > created_at_ms THEN recounted_at_ms ELSE created_at_ms END`;
    return this.#db
      .selectFrom('account')
      .innerJoin('quota', 'quota.account_id', 'account.id')
      .select(['account.id', 'username', HOME, 'home_id as homeId', COUNTED_ENTRIES])
      .where(since, '<', beforeMs)
      .orderBy(since)
      .executeTakeFirst();
  }

  findAccount(accountId: number): Promise<RecountedAccount | undefined> {
    return this.#db
      .selectFrom('account')
      .innerJoin('quota', 'quota.account_id', 'account.id')
      .select(['account.id', 'username', HOME, 'home_id as homeId', COUNTED_ENTRIES])
      .where('account.id', '=', accountId)
      .executeTakeFirst();
  }

  /** The accounts whose entries an earlier version has not counted. */
  async findUncounted(): Promise<readonly number[]> {
    const rows = await this.#db
      .selectFrom('quota')
      .select('account_id')
      .where('entries_counted', '=', 0)
      .execute();
    return rows.map((row) => row.account_id);
  }
}
