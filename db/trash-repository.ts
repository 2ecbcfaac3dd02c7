import { type Kysely, sql } from 'kysely';
import type { Schema } from './schema.ts';

/** A file, link or directory in the trash of an account. */
export interface TrashRow {
  /** The name of its file in the trash. */
  readonly id: string;
  readonly accountId: number;
  /** Items of an account are numbered in the order in which they were deleted. */
  readonly number: number;
  /** The name that it had: absolute in the owner's tree, without symbolic links on the way. */
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'other';
  /** Replaced: another file has got its name. */
  readonly reason: 'deleted' | 'replaced';
  /** 0 for all but plain files. */
  readonly sizeBytes: number;
  /** The account is charged for its bytes. */
  readonly isCharged: boolean;
  readonly deletedAtMs: number;
  readonly expiresAtMs: number;
}

/** A place in the list of all items. */
interface PageRequest {
  readonly after: Pick<TrashRow, 'accountId' | 'number'>;
  readonly limit: number;
  /** An account; without it, all accounts whose homes are in the root. */
  readonly of?: number | undefined;
}

/** The item that an account has deleted last. */
export interface NewestItem extends Pick<TrashRow, 'id' | 'accountId' | 'path'> {
  /** The name of the account's directory below the root, or the path of a home that is elsewhere. */
  readonly home: string;
}

/** Rows that one statement removes at most. */
const MAX_ROWS = 1024;

/** What accounts have deleted, and can get back. */
export class TrashRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** Items after another one, by account and in the order in which they were deleted. */
  async listPage({ after, limit, of }: PageRequest): Promise<readonly TrashRow[]> {
    const rows = await this.#rows()
      .where(sql<boolean>`(account_id, number) > (${after.accountId}, ${after.number})`)
      .where(accountsIn(of))
      .orderBy('account_id')
      .orderBy('number')
      .limit(limit)
      .execute();
    return rows.map((row) => ({ ...row, isCharged: row.isCharged === 1 }));
  }

  /**
   * The newest item of each account that has any.
   *
   * @param of an account; without it, all accounts whose homes are in the root.
   */
  newestOfEach(of?: number): Promise<readonly NewestItem[]> {
    return this.#db
      .selectFrom('trash_item as item')
      .innerJoin('account', 'account.id', 'item.account_id')
      .select(['item.id', 'item.account_id as accountId', 'path'])
      .select(sql<string>`coalesce(home_path, home)`.as('home'))
      .where(accountsIn(of))
      .where('number', '=', (newest) =>
        newest
          .selectFrom('trash_item as other')
          .select(({ fn }) => fn.max<number>('other.number').as('number'))
          .whereRef('other.account_id', '=', 'item.account_id'),
      )
      .execute();
  }

  /** The bytes that an account is charged for. */
  async chargedBytes(accountId: number): Promise<number> {
    const { bytes } = await this.#db
      .selectFrom('trash_item')
      .select(({ fn }) => fn.sum<number | null>('size_bytes').as('bytes'))
      .where('account_id', '=', accountId)
      .where('is_charged', '=', 1)
      .executeTakeFirstOrThrow();
    return bytes ?? 0;
  }

  /** @returns false if the account does not exist. */
  async save(item: TrashRow): Promise<boolean> {
    const { id, accountId, number, path, kind, reason, sizeBytes } = item;
    const { deletedAtMs, expiresAtMs } = item;
    const isCharged = item.isCharged ? 1 : 0;
    const { numAffectedRows = 0n } = await sql`
      INSERT OR REPLACE INTO trash_item
        (id, account_id, number, path, kind, reason, size_bytes, is_charged, deleted_at_ms, expires_at_ms)
      SELECT ${id}, id, ${number}, ${path}, ${kind}, ${reason}, ${sizeBytes}, ${isCharged},
        ${deletedAtMs}, ${expiresAtMs}
      FROM account WHERE id = ${accountId}`.execute(this.#db);
    return numAffectedRows > 0n;
  }

  async remove(ids: readonly string[]): Promise<void> {
    for (let start = 0; start < ids.length; start += MAX_ROWS) {
      const chunk = ids.slice(start, start + MAX_ROWS);
      await this.#db.deleteFrom('trash_item').where('id', 'in', chunk).execute();
    }
  }

  #rows() {
    return this.#db
      .selectFrom('trash_item')
      .select(['id', 'account_id as accountId', 'number', 'path', 'kind', 'reason'])
      .select(['size_bytes as sizeBytes', 'is_charged as isCharged'])
      .select(['deleted_at_ms as deletedAtMs', 'expires_at_ms as expiresAtMs']);
  }
}

function accountsIn(of: number | undefined) {
  if (of !== undefined) return sql<boolean>`account_id = ${of}`;
  return sql<boolean>`account_id NOT IN (SELECT id FROM account WHERE home_path IS NOT NULL)`;
}
