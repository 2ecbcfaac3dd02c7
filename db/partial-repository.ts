import { setImmediate } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
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
  /** Content of the name when the upload started; undefined after the partial has lost the name. */
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

/** A part of a long list. */
interface PageRequest {
  readonly afterId: string;
  readonly limit: number;
  /** An account; without it, all accounts whose homes are in the root. */
  readonly of?: number | undefined;
}

/** Uploads that wait to be resumed. */
export class PartialRepository {
  readonly #db: Kysely<Schema>;

  constructor(db: Kysely<Schema>) {
    this.#db = db;
  }

  /** All of them at once, in the order in which they were begun. */
  async listAll(): Promise<readonly Partial[]> {
    const rows = await this.#rows().orderBy('begin_number').orderBy('id').execute();
    return rows.map(partialOf);
  }

  /** The partials with ids after `afterId`, by id. */
  async listPage({ afterId, limit, of }: PageRequest): Promise<readonly Partial[]> {
    const page = this.#rows().where('id', '>', afterId).orderBy('id').limit(limit);
    const rows = typeof of === 'number' ? page.where('account_id', '=', of) : page.where(IN_ROOT);
    return (await rows.execute()).map(partialOf);
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

  async removeAll(ids: readonly string[]): Promise<void> {
    for (const chunk of chunksOf(ids)) {
      await this.#db.deleteFrom('partial').where('id', 'in', chunk).execute();
    }
  }

  /** Takes their names from partials. */
  async loseNames(ids: readonly string[]): Promise<void> {
    for (const chunk of chunksOf(ids)) {
      await this.#db.updateTable('partial').set({ held: null }).where('id', 'in', chunk).execute();
    }
  }

  /**
   * Moves the partials below a directory, which has got another path. More than an account can have by now move in
   * several statements, between which others have their turn.
   */
  async rename({ accountId, fromPath, toPath }: PathMove): Promise<void> {
    for (let moved = MAX_ROWS; moved === MAX_ROWS; ) {
      const ids = this.#db
        .selectFrom('partial')
        .select('id')
        .where('account_id', '=', accountId)
        .where('path', '>', `${fromPath}/`)
        .where('path', '<', `${fromPath}${AFTER_SLASH}`)
        .limit(MAX_ROWS);
      const { numUpdatedRows } = await this.#db
        .updateTable('partial')
        .set({ path: sql`${toPath} || substr(path, length(${fromPath}) + 1)` })
        .where('id', 'in', ids)
        .executeTakeFirst();
      moved = Number(numUpdatedRows);
      if (moved === MAX_ROWS) await setImmediate();
    }
  }

  #rows() {
    return this.#db
      .selectFrom('partial')
      .select(['id', 'account_id as accountId', 'path', 'held', 'makes_way as makesWay'])
      .select(['created_at_ms as createdAtMs', 'cut_at_ms as cutAtMs'])
      .select('begin_number as beginNumber');
  }
}

type Row = Omit<Partial, 'held' | 'makesWay'> & {
  readonly held: string | null;
  readonly makesWay: number;
};

function partialOf(row: Row): Partial {
  return { ...row, held: row.held ?? undefined, makesWay: row.makesWay === 1 };
}

/** Rows that one statement changes: an account can have no more, except from before there was a limit. */
const MAX_ROWS = 1024;

/** The character that sorts next to the slash. */
const AFTER_SLASH = '0';

function* chunksOf(ids: readonly string[]): Generator<readonly string[], void> {
  for (let start = 0; start < ids.length; start += MAX_ROWS) {
    yield ids.slice(start, start + MAX_ROWS);
  }
}

const IN_ROOT = sql<boolean>`account_id NOT IN (SELECT id FROM account WHERE home_path IS NOT NULL)`;
