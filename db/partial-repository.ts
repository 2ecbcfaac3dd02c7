import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Schema } from './schema.ts';

/** An upload that was cut short. */
export interface Partial {
  /** The name of its file in the staging area. */
  readonly id: string;
  readonly accountId: number;
  /** The name that it was to get: absolute in the owner's tree, such as `/photos/a.jpg`. */
  readonly path: string;
  readonly createdAtMs: number;
  /** When it was last worked on. */
  readonly cutAtMs: number;
  /** What the name held when the upload began; undefined once the partial has lost the name. */
  readonly held: string | undefined;
  /** Uploads of an account are numbered in the order in which they begin; a resume begins again. */
  readonly beginNumber: number;
  /** Is dropped before the account is refused room. */
  readonly makesWay: boolean;
}

/** The move of a directory in one account's tree. */
export interface PathMove {
  readonly accountId: number;
  readonly fromPath: string;
  readonly toPath: string;
}

/** Uploads that wait to be resumed. */
export class PartialRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  async listAll(): Promise<readonly Partial[]> {
    const rows = await this.#db
      .selectFrom('partial')
      .select(['id', 'account_id as accountId', 'path', 'held', 'makes_way as makesWay'])
      .select(['created_at_ms as createdAtMs', 'cut_at_ms as cutAtMs'])
      .select('begin_number as beginNumber')
      .orderBy('begin_number')
      .orderBy('id')
      .execute();
    return rows.map((row) => ({
      ...row,
      held: row.held ?? undefined,
      makesWay: row.makesWay === 1,
    }));
  }

  /**
   * Keeps a partial, in place of one with the same id.
   *
   * @returns false if the account does not exist.
   */
  async save(partial: Partial): Promise<boolean> {
    const { id, accountId, path, createdAtMs, cutAtMs, held = null, beginNumber } = partial;
    const makesWay = partial.makesWay ? 1 : 0;
    const { numAffectedRows = 0n } = await sql`
      INSERT OR REPLACE INTO partial
        (id, account_id, path, created_at_ms, cut_at_ms, held, begin_number, makes_way)
      SELECT ${id}, id, ${path}, ${createdAtMs}, ${cutAtMs}, ${held}, ${beginNumber}, ${makesWay}
      FROM account WHERE id = ${accountId}`.execute(this.#db);
    return numAffectedRows > 0n;
  }

  async remove(id: string): Promise<void> {
    await this.#db.deleteFrom('partial').where('id', '=', id).execute();
  }

  /** Takes their names from partials. */
  async loseNames(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.#db.updateTable('partial').set({ held: null }).where('id', 'in', ids).execute();
  }

  /** Moves the partials below a directory, which has got another path. */
  async rename({ accountId, fromPath, toPath }: PathMove): Promise<void> {
    await this.#db
      .updateTable('partial')
      .set({ path: sql`${toPath} || substr(path, length(${fromPath}) + 1)` })
      .where('account_id', '=', accountId)
      .where(isBelow(fromPath))
      .execute();
  }
}

/** Compared by prefix, not by LIKE: in a name, `%` and `_` are letters like any other. */
function isBelow(path: string): RawBuilder<boolean> {
  const prefix = `${path}/`;
  return sql<boolean>`substr(path, 1, length(${prefix})) = ${prefix}`;
}
