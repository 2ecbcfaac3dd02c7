import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Schema } from './schema.ts';

/** An upload that was cut short. */
export interface Partial {
  /** The name of its file in the staging area. */
  readonly id: string;
  readonly accountId: number;
  /** Where its owner sees it: absolute in the owner's tree, such as `/photos/a.jpg`. */
  readonly path: string;
  readonly createdAtMs: number;
  /** When it was last worked on. */
  readonly cutAtMs: number;
}

/** The move of a file or directory in one account's tree. */
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

  listAll(): Promise<readonly Partial[]> {
    return this.#db
      .selectFrom('partial')
      .select(['id', 'account_id as accountId', 'path'])
      .select(['created_at_ms as createdAtMs', 'cut_at_ms as cutAtMs'])
      .orderBy('created_at_ms')
      .orderBy('id')
      .execute();
  }

  /** Keeps a partial. One at the same path, or of the same id, makes way. */
  async save({ id, accountId, path, createdAtMs, cutAtMs }: Partial): Promise<void> {
    const times = { created_at_ms: createdAtMs, cut_at_ms: cutAtMs };
    const row = { id, account_id: accountId, path, ...times };
    await this.#db.replaceInto('partial').values(row).execute();
  }

  async remove(id: string): Promise<void> {
    await this.#db.deleteFrom('partial').where('id', '=', id).execute();
  }

  /**
   * Moves the partials at `fromPath` and below it. Those that were at their new places or below make way.
   *
   * @returns the ids that made way, whose files in the staging area nobody needs any more.
   */
  async rename({ accountId, fromPath, toPath }: PathMove): Promise<readonly string[]> {
    if (fromPath === toPath) return [];
    return await this.#db.transaction().execute(async (transaction) => {
      const displaced = await transaction
        .deleteFrom('partial')
        .where('account_id', '=', accountId)
        .where(isAtOrBelow(toPath))
        .where(sql<boolean>`NOT ${isAtOrBelow(fromPath)}`)
        .returning('id')
        .execute();
      await transaction
        .updateTable('partial')
        .set({ path: sql`${toPath} || substr(path, length(${fromPath}) + 1)` })
        .where('account_id', '=', accountId)
        .where(isAtOrBelow(fromPath))
        .execute();
      return displaced.map(({ id }) => id);
    });
  }
}

/** Compared by prefix, not by LIKE: in a name, `%` and `_` are letters like any other. */
function isAtOrBelow(path: string): RawBuilder<boolean> {
  const prefix = `${path}/`;
  return sql<boolean>`(path = ${path} OR substr(path, 1, length(${prefix})) = ${prefix})`;
}
